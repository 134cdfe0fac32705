"""How much one person may do in web chats: by what they cannot change, and only where the settings say so."""

from __future__ import annotations

import json
import logging
import time
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.http import HttpRequest

from permabots.broker import Order
from permabots.checks.web_chat import check_admit, check_web_proxies
from permabots.models import WebBot, WebVisitor
from permabots.pipeline.web_chat import network_address
from permabots.views.hooks.account_rate import FEW
from tests.web_chat.signing import SECRET, signed
from tests.web_chat.talking import Person, make_chat, work

pytestmark = pytest.mark.django_db

PUBLIC = "8.8.4.4"


@pytest.fixture
def chat() -> WebBot:
    return make_chat()


@pytest.fixture
def limited(settings: Any) -> Any:
    """Sets settings of the web chat."""

    def set_to(**values: Any) -> None:
        settings.PERMABOTS = {
            **getattr(settings, "PERMABOTS", {}),
            **{f"WEBCHAT_{name}": it for name, it in values.items()},
        }

    return set_to


def begin(chat: WebBot, address: str = PUBLIC, forwarded: str = "", **values: Any) -> int:
    """Begin a conversation from an address; returns the status."""
    person = Person(chat, **({"X-Forwarded-For": forwarded} if forwarded else {}))
    person.client.defaults["REMOTE_ADDR"] = address
    return int(person.post(text="hello", **values).status_code)


def calls_until_refused(call: Any, at_most: int) -> Any:
    """Make a call until it is refused, which an end of the clock's window may delay; returns the refusal."""
    for _ in range(2 * at_most + 1):
        if (answer := call()).status_code == 429:
            return answer
    raise AssertionError("it is never refused")


def test_a_person_says_so_much_in_a_minute(chat: WebBot) -> None:
    person = Person(chat)

    def say() -> Any:
        answer = person.post(text="hello")
        work()
        return answer

    refused = calls_until_refused(say, 20)
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert len([it for it in person.texts() if it.startswith("p:")]) >= 20
    assert Person(chat).post(text="hello").status_code == 202  # somebody else


def test_a_new_token_of_the_same_person_counts_with_the_first(limited: Any) -> None:
    limited(LIMITS={"messages": "1/day"})
    chat = make_chat(identity="optional", identity_secret=SECRET)
    assert Person(chat).post(text="hello", identity=signed(chat)).status_code == 202
    assert Person(chat).post(text="hello", identity=signed(chat)).status_code == 429


def test_five_messages_wait_for_their_answers_at_once(chat: WebBot) -> None:
    person = Person(chat)
    statuses = [person.post(text="hello").status_code for _ in range(6)]
    assert statuses == [202] * 5 + [429]
    work()
    assert person.post(text="hello").status_code == 202


def test_a_message_that_is_repeated_is_taken_however_many_wait(chat: WebBot) -> None:
    person = Person(chat)
    same = "0b5e5d1c-3d2a-4f7e-9a54-5f0c2f6c9d10"
    first = person.post(text="hello", id=same).json()["number"]
    for _ in range(4):
        person.say("hello")
    assert person.post(text="hello", id=same).json()["number"] == first


def test_asking_for_messages_has_a_limit_of_its_own(chat: WebBot) -> None:
    person = Person(chat)
    person.say("hello")
    refused = calls_until_refused(lambda: person.call("GET", "messages/?after=1"), 120)
    assert int(refused.headers["Retry-After"]) <= 61
    assert person.post(text="hello").status_code == 202


def test_one_address_begins_so_many_conversations_in_an_hour(chat: WebBot) -> None:
    assert 429 in [begin(chat) for _ in range(61)]
    assert WebVisitor.objects.count() <= 60
    assert begin(chat, "8.8.8.8") == 202


def test_an_ipv6_customer_is_one_address(limited: Any, chat: WebBot) -> None:
    limited(LIMITS={"new_by_address": "1/day"})
    assert begin(chat, "2a00:1450:4001:81b::1") == 202
    assert begin(chat, "2a00:1450:4001:81b:ffff::2") == 429
    assert begin(chat, "2a00:1450:4001:81c::1") == 202


def test_a_chat_begins_so_many_conversations_in_an_hour(limited: Any, chat: WebBot) -> None:
    limited(LIMITS={"new_by_chat": "2/day"})
    assert [begin(chat, f"8.8.8.{it}") for it in range(3)] == [202, 202, 429]
    assert begin(make_chat(), "8.8.8.9") == 202


def test_who_is_signed_is_not_limited_by_address(limited: Any) -> None:
    limited(LIMITS={"new_by_address": "1/day"})
    chat = make_chat(identity="optional", identity_secret=SECRET)
    assert begin(chat) == 202
    assert begin(chat) == 429
    assert [begin(chat, identity=signed(chat, id=name)) for name in ("ann", "bob")] == [202, 202]


def test_one_person_signs_in_so_often(limited: Any) -> None:
    limited(LIMITS={"sign_ins": "3/day", "messages": None})
    chat = make_chat(identity="optional", identity_secret=SECRET)
    begin(chat, identity=signed(chat))
    statuses = [Person(chat).call("POST", "session/", {"identity": signed(chat)}).status_code for _ in range(3)]
    assert statuses == [201, 201, 429]
    assert begin(chat, identity=signed(chat, id="bob")) == 202


@pytest.mark.parametrize("off", [None, {"messages": None, "polls": None, "new_by_address": None, "new_by_chat": None}])
def test_limits_are_off_where_the_settings_say_so(off: Any, limited: Any, chat: WebBot) -> None:
    limited(LIMITS=off, UNFINISHED=0)
    person = Person(chat)
    assert {person.post(text="hello").status_code for _ in range(30)} == {202}
    assert {begin(chat) for _ in range(40)} == {202}


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", PUBLIC),
        (0, "1.1.1.1", PUBLIC),  # whoever calls directly may write what they like
        (1, "1.1.1.1", "1.1.1.1"),
        (1, "9.9.9.9, 1.1.1.1", "1.1.1.1"),
        (2, "9.9.9.9, 1.1.1.1, 10.0.0.7", "1.1.1.1"),
        (2, "1.1.1.1", "1.1.1.1"),
        (1, "", PUBLIC),
        (1, " , ", PUBLIC),
    ],
)
def test_the_address_is_what_the_outermost_of_our_proxies_saw(proxies: int, forwarded: str, address: str) -> None:
    assert network_address.address(PUBLIC, forwarded, proxies) == address


@pytest.mark.parametrize(
    ("written", "network"),
    [
        ("8.8.4.4", "8.8.4.4"),
        ("8.8.4.4:51234", "8.8.4.4"),
        ("::ffff:8.8.4.4", "8.8.4.4"),
        ("2a00:1450:4001:81b::1", "2a00:1450:4001:81b::/64"),
        ("[2a00:1450:4001:81b::1]:443", "2a00:1450:4001:81b::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", None),
        ("unknown", None),
        ("unix:", None),
        ("8.8.4.4\n", "8.8.4.4"),
    ],
)
def test_an_address_is_read_however_a_proxy_writes_it(written: str, network: str | None) -> None:
    assert network_address.network_of(written) == network


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "", "fd00::1", "100.64.0.7"])
def test_behind_a_proxy_that_nobody_told_of_addresses_are_not_limited_and_the_log_says_so_once(
    address: str, limited: Any, chat: WebBot, caplog: pytest.LogCaptureFixture
) -> None:
    limited(LIMITS={"new_by_address": "1/day"})
    network_address._tell_once.cache_clear()
    caplog.set_level(logging.WARNING, logger="permabots")
    assert [begin(chat, address, "8.8.8.8") for _ in range(3)] == [202] * 3
    assert caplog.text.count("WEBCHAT_TRUSTED_PROXIES") == 1


def test_a_proxy_that_is_told_of_is_looked_through(limited: Any, chat: WebBot) -> None:
    limited(LIMITS={"new_by_address": "1/day"}, TRUSTED_PROXIES=1)
    assert begin(chat, "10.0.0.1", "6.6.6.6, 8.8.8.8") == 202
    assert begin(chat, "10.0.0.1", "7.7.7.7, 8.8.8.8") == 429
    assert begin(chat, "10.0.0.1", "8.8.8.8, 8.8.8.9") == 202


def test_an_address_is_kept_as_a_digest_that_is_another_one_the_next_day(monkeypatch: pytest.MonkeyPatch) -> None:
    today = network_address.key_of(PUBLIC, "")
    assert today is not None
    assert PUBLIC not in today
    monkeypatch.setattr(time, "time", lambda: 86_400.0)
    assert network_address.key_of(PUBLIC, "") != today


def test_a_body_is_small(chat: WebBot) -> None:
    person = Person(chat)
    person.say("hello")
    assert person.call("POST", "messages/", '{"text": "' + "a" * 16_400 + '"}').status_code == 413
    written = json.dumps({"id": str(uuid4()), "text": "語" * 4000}, ensure_ascii=False)  # as browsers write it
    assert person.call("POST", "messages/", written).status_code == 202
    assert person.post(text="a" * 4001).status_code == 413


def test_a_length_that_is_no_number_is_refused(chat: WebBot) -> None:
    answer = Person(chat).client.generic("POST", f"/chat/{chat.slug}/messages/", "{}", CONTENT_LENGTH="x")
    assert answer.status_code == 413


# --- a function of the project ----------------------------------------------------------------------------------------


def admit(request: HttpRequest) -> bool:
    return request.headers.get("Captcha") == "solved"


HERE = f"{__name__}.admit"


def test_a_function_of_the_project_says_who_may_begin(limited: Any, chat: WebBot) -> None:
    limited(ADMIT=HERE)
    assert Person(chat).post(text="hello").status_code == 403
    assert not WebVisitor.objects.exists()
    known = Person(chat, Captcha="solved")
    assert known.post(text="hello").status_code == 202
    again = Person(chat)
    again.token = known.token
    assert again.post(text="hello").status_code == 202  # only a new conversation is asked about


@pytest.mark.parametrize(("path", "problems"), [(None, 0), (HERE, 0), ("nowhere.at_all", 1), (f"{__name__}.PUBLIC", 1)])
def test_a_function_that_is_not_there_is_reported(path: str | None, problems: int, limited: Any) -> None:
    limited(ADMIT=path)
    assert [it.id for it in check_admit()] == ["permabots.E010"] * problems


@pytest.mark.parametrize(
    ("proxies", "header", "warned"),
    [(0, ("HTTP_X_FORWARDED_PROTO", "https"), True), (0, None, False), (1, None, False)],
)
def test_a_proxy_that_the_settings_do_not_count_is_reported(
    proxies: int, header: Any, warned: bool, limited: Any, settings: Any
) -> None:
    limited(TRUSTED_PROXIES=proxies)
    settings.SECURE_PROXY_SSL_HEADER = header
    assert [it.id for it in check_web_proxies()] == ["permabots.W017"] * warned


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """All happens in one moment, however long the machine takes."""
    monkeypatch.setattr("permabots.views.hooks.account_rate.monotonic", lambda: 1000.0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("at_once")
def test_a_busy_owners_web_chats_are_answered_after_others(settings: Any) -> None:
    settings.PERMABOTS = {"WEBCHAT_LIMITS": None}
    person = Person(make_chat())
    with patch("permabots.broker.publish") as publish:
        for number in range(FEW + 1):
            person.say(f"{number}")
            work()
    orders = [it.kwargs["order"] for it in publish.call_args_list if it.args[0].name == "permabots.drain"]
    assert orders == [Order.FIRST] * FEW + [Order.BUSY]


@pytest.mark.usefixtures("at_once")
def test_a_chat_with_more_messages_than_an_account_may_have_asks_to_wait(settings: Any) -> None:
    settings.PERMABOTS = {"WEBCHAT_LIMITS": None, "WEBHOOK_RATE": 2, "WEBCHAT_UNFINISHED": 0}
    person = Person(make_chat())
    answers = [person.post(text=f"{number}") for number in range(5)]
    refused = [it for it in answers if it.status_code == 429]
    assert refused
    assert refused[0].headers["Retry-After"]
