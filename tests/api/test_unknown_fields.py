"""A field that nobody knows is refused and the nearest one named; what answers show is taken back as ever."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot, Handler
from permabots.serializers.base import MAX_UNKNOWN
from tests.api.conftest import Api, StandIns
from tests.api.conftest import standins as standins
from tests.api.world import World
from tests.pipeline.conftest import telegram as telegram

pytestmark = [pytest.mark.django_db(transaction=True)]

RESPONSE = {"text_template": "hi"}
HANDLER = {"name": "h", "pattern": "x", "response": RESPONSE}
REQUEST = {"url_template": "http://x/"}
PARAMETER = {"key": "k", "value_template": "v"}


def lasting(shown: Any) -> Any:
    """Return an answer without what each call has of its own."""
    if isinstance(shown, list):
        return [lasting(item) for item in shown]
    if isinstance(shown, dict):
        return {name: lasting(value) for name, value in shown.items() if name not in {"updated_at", "warnings"}}
    return shown


def errors(answer: Any) -> Any:
    assert answer.status_code == 400, answer.content
    return answer.json()


def test_of_very_many_or_very_long_unknown_names_an_answer_names_a_few_in_short(api: Api) -> None:
    """To look for the nearest name takes time for each, and an answer is not as long as what was sent."""
    found = errors(api.post("bots/", {"name": "b", **{f"nam{number}": 1 for number in range(50_000)}}))
    assert len(found) == MAX_UNKNOWN
    (name,) = errors(api.post("bots/", {"name": "b", "k" * 500_000: 1}))
    assert name == "k" * 100 + "…"


@pytest.mark.parametrize(
    ("body", "place", "nearest"),
    [
        ({"enable": False}, ["enable"], "enabled"),
        ({"patern": "y"}, ["patern"], "pattern"),
        ({"Pattern": "y"}, ["Pattern"], "pattern"),
        ({"keyboard_template": "[['a']]"}, ["keyboard_template"], None),
        ({"response": {**RESPONSE, "keyboard": "[['a']]"}}, ["response", "keyboard"], "keyboard_template"),
        ({"response": {**RESPONSE, "text": "x"}}, ["response", "text"], "text_template"),
        ({"request": {**REQUEST, "url": "http://y/"}}, ["request", "url"], "url_template"),
        ({"request": {**REQUEST, "headers": []}}, ["request", "headers"], "header_parameters"),
        (
            {"request": {**REQUEST, "url_parameters": [{**PARAMETER, "value": "v"}]}},
            ["request", "url_parameters", 0, "value"],
            "value_template",
        ),
        ({"target_state": {"name": "a", "nam": "b"}}, ["target_state", "nam"], "name"),
        ({"source_states": [{"name": "a"}, {"name": "b", "x": 1}]}, ["source_states", 1, "x"], None),
        ({"source_state": [{"name": "a"}]}, ["source_state"], "source_states"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_an_unknown_field_of_a_handler_is_refused_with_the_nearest_one(
    api: Api, base: str, method: str, body: dict[str, Any], place: list[Any], nearest: str | None
) -> None:
    path = f"{base}handlers/"
    if method != "POST":
        path += api.post(path, HANDLER).json()["id"] + "/"
    before = list(Handler.objects.values())
    found = errors(api(method, path, {**HANDLER, **body}))
    for part in place:
        found = found[part] if isinstance(found, list) else found[str(part)]
    (sentence,) = found
    assert sentence.startswith("There is no such field. ")
    assert nearest is None or sentence.endswith(f"The nearest is {nearest}.")
    assert list(Handler.objects.values()) == before


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        ("bots/", {"name": "b", "tokn": "1:a"}, "tokn"),
        ("{base}env/", {"key": "k", "value": "v", "secrt": True}, "secrt"),
        ("{base}states/", {"name": "s", "x": 1}, "x"),
        ("{base}hooks/", {"name": "h", "response": RESPONSE, "stric": True}, "stric"),
        ("{base}hooks/{hook}/recipients/telegram/", {"chat_id": 8, "name": "n", "username": "u"}, "username"),
        ("{base}handlers/{handler}/urlparams/", {**PARAMETER, "key": "n", "val": 1}, "val"),
        ("{base}handlers/{handler}/headerparams/", {**PARAMETER, "key": "n", "val": 1}, "val"),
        ("{base}handlers/{handler}/sourcestates/", {"name": "s", "nam": "t"}, "nam"),
        ("{base}chatstates/telegram/", {"chat": 7, "user": 7, "state": {"name": "menu"}, "sate": 1}, "sate"),
        ("{base}telegram/", {"token": "1:a", "enable": False}, "enable"),
        ("{base}simulate/", {"provider": "telegram", "text": "x", "stat": "menu"}, "stat"),
        ("{base}tests/", {"name": "t", "provider": "telegram", "state": None, "steps": [], "step": 1}, "step"),
    ],
)
def test_an_unknown_field_is_refused_everywhere(
    api: Api, bot: Bot, base: str, standins: StandIns, path: str, body: dict[str, Any], name: str
) -> None:
    world = World(bot)
    url = path.format(base=base, hook=world.hook.pk, handler=world.handler.pk)
    assert name in errors(api.post(url, body))


def test_unknown_fields_inside_of_a_simulation_and_a_test_are_refused_too(api: Api, base: str) -> None:
    question = {"provider": "telegram", "text": "x", "response": {"staus": 500}}
    assert "staus" in errors(api.post(f"{base}simulate/", question))["response"]
    step = {"said": "x", "messages": [{"text": "y", "button": []}], "state": None}
    test = {"name": "t", "provider": "telegram", "state": None, "steps": [step]}
    answer = api.post(f"{base}tests/", test)
    assert (answer.status_code, "The nearest is buttons." in answer.content.decode()) == (400, True)


def test_all_that_is_wrong_is_told_at_once(api: Api, base: str) -> None:
    assert sorted(errors(api.post(f"{base}handlers/", {"patern": "x", "enable": True}))) == [
        "enable",
        "name",
        "patern",
        "pattern",
        "response",
    ]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_a_get_shows_may_be_sent_back_whole(
    api: Api, bot: Bot, base: str, standins: StandIns, method: str
) -> None:
    world = World(bot)
    parts = {"url_parameters": [PARAMETER], "header_parameters": [PARAMETER]}
    full = {"request": {**REQUEST, **parts}, "target_state": {"name": "new"}, "source_states": [{"name": "menu"}]}
    handler = api.post(f"{base}handlers/", {**HANDLER, **full}).json()
    step = {"said": "x", "messages": [{"text": "y", "buttons": [[{"label": "z", "data": "z"}]]}], "state": None}
    made = api.post(f"{base}tests/", {"name": "t", "provider": "telegram", "state": None, "steps": [step]})
    assert made.status_code == 201, made.content
    test = made.json()
    paths = [
        base,
        f"{base}handlers/{handler['id']}/",
        f"{base}hooks/{world.hook.pk}/",
        f"{base}hooks/{world.hook.pk}/recipients/telegram/{world.recipient.pk}/",
        f"{base}env/{world.variable.pk}/",
        f"{base}states/{world.state.pk}/",
        f"{base}tests/{test['id']}/",
        f"{base}chatstates/telegram/{world.ids['telegram-chatstate-detail'].pk}/",
        f"{base}handlers/{world.handler.pk}/urlparams/{world.ids['handler-urlparameter-detail'].pk}/",
    ]
    for path in paths:
        shown = api.get(path).json()
        answer = api(method, path, shown)
        assert answer.status_code == 200, (path, answer.content)
        assert lasting(answer.json()) == lasting(shown)


def test_what_a_post_answers_may_be_sent_back_whole(api: Api, base: str) -> None:
    for _ in range(2):
        made = api.post(f"{base}handlers/", {**HANDLER, "target_state": {"name": "new"}}).json()
    assert made["warnings"]
    assert api.put(f"{base}handlers/{made['id']}/", made).status_code == 200


def test_old_clients_may_be_spared(api: Api, base: str, settings: Any) -> None:
    settings.PERMABOTS = {"API_IGNORES_UNKNOWN_FIELDS": True}
    answer = api.post(f"{base}handlers/", {**HANDLER, "enable": False, "response": {**RESPONSE, "keyboard": "x"}})
    assert (answer.status_code, answer.json()["enabled"]) == (201, True)


# Warnings


def test_a_state_that_a_handler_makes_is_told(api: Api, base: str) -> None:
    api.post(f"{base}states/", {"name": "Main menu"})
    answer = api.post(f"{base}handlers/", {**HANDLER, "target_state": {"name": "Main meny"}})
    assert answer.status_code == 201
    assert answer.json()["warnings"] == ["The state 'Main meny' is new. The nearest of the bot's is 'Main menu'."]
    known = api.post(f"{base}handlers/", {**HANDLER, "name": "i", "target_state": {"name": "main  MENU"}})
    assert "warnings" not in known.json()


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_state_that_a_change_makes_is_told(api: Api, base: str, method: str) -> None:
    made = api.post(f"{base}handlers/", HANDLER).json()
    answer = api(method, f"{base}handlers/{made['id']}/", {"source_states": [{"name": "a"}, {"name": "b"}]}).json()
    assert answer["warnings"] == ["The state 'a' is new.", "The state 'b' is new."]
    assert "warnings" not in api.get(f"{base}handlers/{made['id']}/").json()


def test_a_state_that_a_link_makes_is_told(api: Api, base: str) -> None:
    made = api.post(f"{base}handlers/", HANDLER).json()
    linked = api.post(f"{base}handlers/{made['id']}/sourcestates/", {"name": "a"}).json()
    assert linked["warnings"] == ["The state 'a' is new."]


@pytest.mark.parametrize(
    ("path", "body"),
    [("{base}handlers/", HANDLER), ("{base}hooks/", {"name": "h", "response": RESPONSE}), ("bots/", {"name": "h"})],
)
def test_a_name_that_is_there_already_is_taken_and_told(api: Api, base: str, path: str, body: dict[str, Any]) -> None:
    url = path.format(base=base)
    first, second = api.post(url, body), api.post(url, body)
    assert (first.status_code, second.status_code) == (201, 201)
    assert "warnings" not in first.json()
    assert second.json()["warnings"] == ["There is another one of the name 'h'."]
    other = api.post(url, {**body, "name": "i"}).json()
    assert "warnings" not in other
    assert api.put(f"{url}{other['id']}/", {"name": "h"}).json()["warnings"] == [
        "There is another one of the name 'h'."
    ]
    assert "warnings" not in api.put(f"{url}{other['id']}/", {"name": "h"}).json()


def test_a_bot_of_somebody_else_has_its_name_for_itself(api: Api, stranger: Api) -> None:
    stranger.post("bots/", {"name": "h"})
    assert "warnings" not in api.post("bots/", {"name": "h"}).json()


# Addresses that are none


@pytest.mark.parametrize("path", ["bots/x/", "{upper}", "{base}nothing/", "{base}handlers/x/", "{base}hooks/x/y/z/"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_what_is_no_address_below_the_bots_is_answered_in_json(
    api: Api, bot: Bot, base: str, path: str, method: str
) -> None:
    answer = api(method, path.format(base=base, upper=f"bots/{str(bot.pk).upper()}/"))
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})


def test_an_address_without_its_slash_is_still_led_to_it(api: Api) -> None:
    assert api.get("bots").status_code == 301


def test_who_is_not_known_learns_nothing_of_addresses(base: str) -> None:
    assert Api().get(f"{base}nothing/").status_code == 401


def test_a_key_that_no_hook_can_have_is_answered_as_any_other(api: Api) -> None:
    answer = api.post("/processing/hook/a.b/", {})
    assert (answer.status_code, answer.json()) == (404, "Key a.b not associated to an enabled hook or bot")
