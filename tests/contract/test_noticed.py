"""What a client of 2.2.3 would notice, line by line of the documentation, by the way a client goes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from permabots.models import Bot, EnvironmentVar, Notification
from permabots.models.registry import providers
from permabots.pipeline.authoring.configuration import create_hook
from permabots.testing import Reply, UserApiServer
from permabots.values import Identity, Kind, WebhookRequest
from tests.api.conftest import Api, api, bot
from tests.factories import make_handler

__all__ = ["api", "bot"]

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

DIFFERENCES = Path(__file__).parents[2] / "docs" / "differences.rst"
ROWS = {
    "bodies": "**Lists, null, forms and no body** are taken by a hook, as they were.",
    "unknown": "**Unknown fields** were dropped:",
    "escaped by hand": "``|e`` **in a text** gives what it gave:",
    "encoded by hand": "``|urlencode`` **in an address** gives what it gave, and is not encoded again;",
    "bare texts": "a text that is a number is that number, any other text a string, none and undefined ``null``.",
    "tuples": "Now a list is a row, a pair in round brackets a button and a number a label,",
    "literals": "**Your own words** in a text stand as they are, as they did:",
    "trimmed": "**Blanks around a text** were trimmed on Telegram and Kik, and kept on Messenger.",
    "mention": "**A mention of the bot** in front of a text",
    "breaks": "20 at the most: what is over is joined to the last one.",
    "redirects": "**Redirects to another origin** took all headers along but ``Authorization``,",
}
"""Name of a row -> words that ``docs/differences.rst`` has about it."""


@pytest.mark.parametrize("row", sorted(ROWS))
def test_every_row_is_in_the_documentation_and_has_a_test(row: str) -> None:
    assert ROWS[row] in " ".join(DIFFERENCES.read_text().split())
    assert f"test_{row.replace(' ', '_')}" in {name.partition("__")[0] for name in globals()}


@pytest.fixture
def shop(settings: Any) -> Iterator[UserApiServer]:
    """The author's API."""
    with UserApiServer() as server:
        settings.PERMABOTS = {"REQUEST_ALLOWED_HOSTS": ["127.0.0.1"]}
        yield server


def simulate(api: Api, bot: Bot, text: str = "hello", **body: Any) -> Any:
    answer = api.post(f"bots/{bot.pk}/simulate/", {"text": text, "provider": "telegram", **body})
    assert answer.status_code == 200, answer.json()
    return answer.json()


def texts(api: Api, bot: Bot, template: str, said: str = "hello", pattern: str = "(?P<x>.*)", **values: Any) -> Any:
    """Return what a bot answers by a template."""
    make_handler(bot, pattern, template, **values)
    return simulate(api, bot, said)["texts"]


# --- what comes in ----------------------------------------------------------------------------------------------------

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "content_type", "data"),
    [
        ("[1, 2]", "application/json", [1, 2]),
        ("null", "application/json", None),
        ("7", "application/json", 7),
        ("", "application/json", {}),
        ("a=1&a=2&b=", FORM, {"a": "2", "b": ""}),
    ],
)
def test_bodies__of_hooks_are_taken(bot: Bot, api: Api, body: str, content_type: str, data: Any) -> None:
    hook = create_hook(bot, {"name": "news", "response": {"text_template": "x"}})
    answer = api.client.generic(
        "POST", f"/processing/hook/{hook.key}/", body, content_type=content_type, headers=token(api)
    )
    assert answer.status_code == 200, answer.content
    assert Notification.objects.get().data == data


def token(api: Api) -> dict[str, str]:
    api.get("bots/")
    return {"Authorization": f"Token {api.user.auth_token.key}"}


@pytest.mark.parametrize("field", ["enable", "patern", "target"])
def test_unknown__fields_are_refused_with_the_nearest(bot: Bot, api: Api, field: str) -> None:
    body = {"name": "h", "pattern": "x", "response": {"text_template": "x"}, field: "y"}
    answer = api.post(f"bots/{bot.pk}/handlers/", body)
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert not bot.handlers.exists()


def test_unknown__but_read_only_fields_are_taken_and_ignored(bot: Bot, api: Api) -> None:
    row = make_handler(bot)
    shown = api.get(f"bots/{bot.pk}/handlers/{row.pk}/").json()
    sent = {**shown, "id": "another", "created_at": "1999-01-01T00:00:00Z", "disabled_reason": "none"}
    assert api.put(f"bots/{bot.pk}/handlers/{row.pk}/", sent).status_code == 200
    assert {**api.get(f"bots/{bot.pk}/handlers/{row.pk}/").json(), "updated_at": shown["updated_at"]} == shown


def heard(slug: str, text: str) -> Any:
    """Return what handlers see of a text on a messenger."""
    provider = providers()[slug]
    body = provider.simulated_update(text, Kind.TEXT, "7", "7")
    event = provider.parse(WebhookRequest(json.dumps(body).encode()), Identity("42", "our_bot"))[0]
    return event.text


@pytest.mark.parametrize("slug", ["telegram", "kik", "messenger", "web"])
@pytest.mark.parametrize("text", ["menu ", " menu", "\nmenu\t"])
def test_trimmed__alike_on_all_messengers(slug: str, text: str) -> None:
    assert heard(slug, text) == "menu"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("@our_bot menu", "menu"),
        ("@Our_Bot, menu", "menu"),
        ("@our_bot: menu", "menu"),
        ("@our_bot\nmenu", "menu"),
        ("@our_bot", "@our_bot"),
        ("@our_bots menu", "@our_bots menu"),
        ("@other_bot menu", "@other_bot menu"),
        ("ask @our_bot menu", "ask @our_bot menu"),
        ("/menu@our_bot", "/menu"),
        ("/menu@our_bot, please", "/menu, please"),
        ("@our_bot /menu", "/menu"),
    ],
)
def test_mention__of_the_bot_is_taken_off(text: str, seen: str) -> None:
    """So a pattern that has the mention in it does not fit any more."""
    assert heard("telegram", text) == seen


# --- what is answered -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ pattern.x|e }}", "a &lt; b"),
        ("{{ pattern.x|escape }}", "a &lt; b"),
        ("{{ pattern.x }}", "a &lt; b"),
        ('<a href="http://x/?q={{ pattern.x|e }}">x</a>', '<a href="http://x/?q=a &lt; b">x</a>'),
    ],
)
def test_escaped_by_hand__is_escaped_once(api: Api, bot: Bot, template: str, text: str) -> None:
    assert texts(api, bot, template, "a < b") == [text]


def test_encoded_by_hand__is_encoded_once(api: Api, bot: Bot, shop: UserApiServer) -> None:
    request = {"url_template": f"{shop.base}/echo?a={{{{ pattern.x|urlencode }}}}&b={{{{ pattern.x }}}}"}
    texts(api, bot, "x", "a&b c", request=request)
    assert shop.requests[0].query == [("a", "a&b c"), ("b", "a&b c")]


@pytest.mark.parametrize(
    ("data", "said", "sent"),
    [
        ('{"id": {{ pattern.x }}}', "007", {"id": "007"}),
        ('{"id": {{ pattern.x }}}', "7", {"id": 7}),
        ('{"id": {{ pattern.x }}}', "seven", {"id": "seven"}),
        ('{"id": {{ none }}, "b": {{ true }}}', "x", {"id": None, "b": True}),
        ('{"id": "{{ pattern.x }}"}', "7", {"id": "7"}),
        ({"id": "{{ pattern.x }}"}, "7", {"id": "7"}),
    ],
)
def test_bare_texts__in_data_are_whole_values(
    api: Api, bot: Bot, shop: UserApiServer, data: Any, said: str, sent: Any
) -> None:
    texts(api, bot, "x", said, request={"url_template": f"{shop.base}/echo", "method": "Post", "data": data})
    assert json.loads(shop.requests[0].text) == sent


@pytest.mark.parametrize(
    ("keyboard", "rows"),
    [
        ("[[('Yes', 'y')]]", [[("Yes", "y")]]),
        ("[[{{ ('Yes', 'y') }}]]", [[("Yes", "y")]]),
        ("[{{ ['Yes', 'No'] }}]", [[("Yes", "Yes"), ("No", "No")]]),
        ("[[{{ 7 }}]]", [[("7", "7")]]),
    ],
)
def test_tuples__in_a_keyboard_are_buttons(api: Api, bot: Bot, keyboard: str, rows: Any) -> None:
    make_handler(bot, "hello", "x", keyboard=keyboard)
    found = simulate(api, bot)["keyboard"]
    assert [[(button["label"], button["data"]) for button in row] for row in found] == rows


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ '<b>' }}{{ pattern.x }}{{ '</b>' }}", "<b>a &lt; b</b>"),
        ("{{ '<b>' ~ pattern.x ~ '</b>' }}", "<b>a &lt; b</b>"),
        ("{{ env.shop }}", "The <i>Café</i>"),
    ],
)
def test_literals__are_markup(api: Api, bot: Bot, template: str, text: str) -> None:
    EnvironmentVar.objects.create(bot=bot, key="shop", value="The <i>Café</i>")
    assert texts(api, bot, template, "a < b") == [text]


def test_breaks__over_the_bound_are_joined(api: Api, bot: Bot) -> None:
    found = texts(api, bot, r"\n".join(map(str, range(30))))
    assert (len(found), found[:19]) == (20, [str(number) for number in range(19)])
    assert found[19].split() == [str(number) for number in range(19, 30)]


def test_redirects__to_another_origin_carry_no_header_of_the_author(api: Api, bot: Bot, shop: UserApiServer) -> None:
    with UserApiServer() as other:
        shop.add_route("/u/moved", lambda _: Reply(302, b"", {"Location": f"{other.base}/echo"}))
        shop.add_route("/u/near", lambda _: Reply(302, b"", {"Location": f"{shop.base}/echo"}))
        for path in ("moved", "near"):
            header = [{"key": "X-Auth", "value_template": "secret"}]
            request = {"url_template": f"{shop.base}/{path}", "header_parameters": header}
            texts(api, bot, "x", path, f"^{path}$", request=request)
        assert [it.headers.get("x-auth") for it in other.requests] == [None]
        assert [it.headers.get("x-auth") for it in shop.requests] == ["secret"] * 3
