"""What a page of the web chat refuses, by its status: what is forged, foreign, altered, or sent by another site."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from permabots.models import InboundMessage, WebBot, WebMessage, WebVisitor
from permabots.pipeline.authoring.integrations import change
from tests.web_chat.signing import SECRET, signed
from tests.web_chat.talking import Person, make_chat, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def chat() -> WebBot:
    return make_chat()


@pytest.fixture
def person(chat: WebBot) -> Person:
    """Somebody who has an answer with the buttons "one" and "two"."""
    found = Person(chat)
    found.say("hello")
    work()
    return found


FORGED = [
    *([2, 0, 2], [2, 1, 0], [2, -1, 0], [2, 0, -1], [1, 0, 0], [3, 0, 0], [0, 0, 0], [10**8, 0, 0], [10**9, 0, 0]),
    *([2, 0], [2, 0, 0, 0], [], {}, "2,0,0", 2, True, [True, 0, 0], [2.0, 0, 0], ["2", 0, 0], [None, 0, 0]),
    *([[2], 0, 0], {"number": 2}, [2, 0, 10**30]),
]


@pytest.mark.parametrize("press", FORGED)
def test_a_button_that_is_not_there_is_refused(press: Any, person: Person) -> None:
    assert person.post(press=press).status_code in {400, 404}
    assert InboundMessage.objects.count() == 1


def test_a_button_of_another_persons_message_is_refused(person: Person, chat: WebBot) -> None:
    other = Person(chat)
    other.say("nothing fits this")
    assert other.post(press=[2, 0, 0]).status_code == 404


def test_a_message_that_brings_its_own_data_does_not_say_them(person: Person) -> None:
    assert person.post(press=[2, 0, 0], text="two", data="two", raw={"data": "two"}).status_code == 202
    assert InboundMessage.objects.latest("pk").text == "one"


@pytest.mark.parametrize("token", ["guessed", "é", "a" * 5000, "\ud83d", "' OR 1=1 --", "%00", "null"])
def test_a_token_that_is_nobodys_is_refused(token: str, chat: WebBot) -> None:
    person = Person(chat)
    for method, where in (("GET", "messages/"), ("POST", "messages/"), ("DELETE", "session/")):
        body = {"id": str(uuid4()), "text": "hello"} if method == "POST" else None
        header = f"Bearer {token}".encode("utf-8", "surrogatepass").decode("latin-1")
        client = Client(headers={"Authorization": header})
        content = {"content_type": "application/json"} if body else {}
        answer = client.generic(method, person.address + where, json.dumps(body) if body else "", **content)
        assert answer.status_code == 401, (method, where)
    assert not WebVisitor.objects.exists()


def test_a_token_of_another_chat_is_refused(person: Person) -> None:
    elsewhere = Person(make_chat())
    elsewhere.token = person.token
    assert elsewhere.call("GET", "messages/").status_code == 401
    assert elsewhere.post(text="hello").status_code == 401
    assert elsewhere.call("DELETE", "session/").status_code == 401
    assert person.texts() == ["p:hello", "b:Hi"]


def test_nobody_reads_without_a_token(person: Person, chat: WebBot) -> None:
    for query in ("", "?after=0", "?before=9", "?waiting=1"):
        assert Person(chat).call("GET", f"messages/{query}").status_code == 401


def test_the_digest_of_a_token_is_no_token(person: Person) -> None:
    person.token = WebVisitor.objects.get().sessions.get().token_hash
    assert person.call("GET", "messages/").status_code == 401


@pytest.mark.parametrize("query", ["after=-1", "after=x", "before=1e9", "after=9999999999", "before=", "after=٣"])
def test_a_number_that_is_none_is_refused(query: str, person: Person) -> None:
    assert person.call("GET", f"messages/?{query}").status_code == 400


BODIES = [
    *("", "[]", "1", "null", '"text"', "{", "{}", '{"id": "x", "text": "a"}', '{"id": 1, "text": "a"}'),
    *('{"id": "%s"}', '{"id": "%s", "text": ""}', '{"id": "%s", "text": "  "}', '{"id": "%s", "text": 7}'),
    *('{"id": "%s", "text": ["a"]}', '{"id": "%s", "text": NaN}', "[" * 9000, '{"id": "%s", "text": "a"', b"\xff\xfe"),
]


@pytest.mark.parametrize("body", BODIES)
def test_what_is_no_message_is_refused_and_nothing_is_stored(body: Any, chat: WebBot) -> None:
    written = body.replace("%s", str(uuid4())) if isinstance(body, str) else body
    client = Client(raise_request_exception=False)
    answer = client.post(f"/chat/{chat.slug}/messages/", written, content_type="application/json")
    assert answer.status_code == 400
    assert not WebVisitor.objects.exists()


@pytest.mark.parametrize("method", ["PUT", "PATCH", "TRACE", "DELETE"])
def test_another_method_is_refused(method: str, person: Person) -> None:
    assert person.call(method, "messages/").status_code == 405


# --- consent ----------------------------------------------------------------------------------------------------------


def test_nothing_is_stored_of_somebody_who_has_not_agreed() -> None:
    chat = make_chat(consent_text="We keep what you write.", identity="optional", identity_secret=SECRET)
    for identity in ("", signed(chat)):
        for consent in (None, False, 1, "true", "yes"):
            answer = Person(chat).post(text="hello", consent=consent, identity=identity)
            assert answer.status_code == 403
            assert "token" not in answer.json()
    assert not WebVisitor.objects.exists()


def test_who_has_agreed_is_asked_once_and_again_when_the_text_changes() -> None:
    chat = make_chat(consent_text="We keep what you write.")
    person = Person(chat)
    assert person.post(text="hello", consent=True).status_code == 202
    given = WebVisitor.objects.get().consent
    assert given is not None
    assert given["text"] == "We keep what you write."
    assert given["at"].endswith("+00:00")
    assert person.post(text="hello").status_code == 202
    change(chat, {"consent_text": "We keep it for a year."}, enabled=True)
    assert person.post(text="hello").status_code == 403
    assert person.post(text="hello", consent=True).status_code == 202


def test_who_has_agreed_on_one_device_is_not_asked_on_another() -> None:
    chat = make_chat(consent_text="We keep it.", identity="optional", identity_secret=SECRET)
    assert Person(chat).post(text="hello", consent=True, identity=signed(chat)).status_code == 202
    assert Person(chat).post(text="hello", identity=signed(chat)).status_code == 202


# --- a chat that is not there -----------------------------------------------------------------------------------------


def test_unknown_disabled_and_private_chats_look_the_same(person: Person, chat: WebBot) -> None:
    private, disabled = make_chat(public=False), make_chat()
    change(disabled, {}, enabled=False)
    seen = set()
    for slug in ("nobody-has-this", disabled.slug, private.slug):
        page = Client().get(f"/chat/{slug}/")
        seen.add((page.status_code, page.content, page.headers["Content-Security-Policy"]))
    assert len(seen) == 1
    assert seen.pop()[0] == 404
    assert Client().get(f"/chat/{chat.slug}/").status_code == 200


def test_looking_stores_nothing_and_sets_no_cookie(chat: WebBot) -> None:
    for address in ("/chat/launcher.js", f"/chat/{chat.slug}/", f"/chat/{chat.slug}/?frame=1"):
        answer = Client().get(address)
        assert answer.status_code == 200
        assert not answer.cookies
        assert "Cookie" not in answer.headers.get("Vary", "")
    assert not WebVisitor.objects.exists()


# --- other sites ------------------------------------------------------------------------------------------------------

FOREIGN = [
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-site", "Origin": "https://other.example.com"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {},
]


def with_cookie(person: Person, **headers: str) -> Client:
    """A browser that has the cookie of a page without JavaScript."""
    client = Client(headers=headers)
    client.cookies[f"permabots-chat-{person.chat.slug}"] = person.token
    return client


@pytest.mark.parametrize("headers", FOREIGN)
def test_another_site_cannot_have_a_browser_say_something(headers: dict[str, str], person: Person) -> None:
    body = json.dumps({"id": str(uuid4()), "text": "hello"})
    for content_type in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
        client = with_cookie(person, **headers)
        assert client.post(person.address + "messages/", body, content_type=content_type).status_code == 403
    assert with_cookie(person, **headers).delete(person.address + "session/").status_code == 403
    assert with_cookie(person, **headers).post(person.address, {"text": "hello"}).status_code == 403
    assert with_cookie(person, **headers).post(person.address, {"forget": "yes"}).status_code == 403
    assert person.texts() == ["p:hello", "b:Hi"]


@pytest.mark.parametrize("headers", FOREIGN[:3])
def test_another_site_cannot_have_a_browser_begin_a_conversation(headers: dict[str, str], chat: WebBot) -> None:
    body = json.dumps({"id": str(uuid4()), "text": "hello"})
    client = Client(headers=headers)
    assert client.post(f"/chat/{chat.slug}/messages/", body, content_type="text/plain").status_code == 403
    assert client.post(f"/chat/{chat.slug}/", {"text": "hello"}).status_code == 403
    assert not WebVisitor.objects.exists()


def test_another_site_cannot_have_a_browser_read(person: Person) -> None:
    client = with_cookie(person, **{"Sec-Fetch-Site": "cross-site"})
    assert client.get(person.address + "messages/").status_code == 403


def test_the_cookie_counts_on_the_chats_own_page(person: Person) -> None:
    client = with_cookie(person, **{"Sec-Fetch-Site": "same-origin"})
    assert client.get(person.address + "messages/").status_code == 200
    client = with_cookie(person, Origin="http://testserver")
    body = json.dumps({"id": str(uuid4()), "text": "hello"})
    assert client.post(person.address + "messages/", body, content_type="application/json").status_code == 202


def test_no_site_is_told_that_it_may_read(person: Person) -> None:
    for headers in FOREIGN:
        answer = Client(headers={**headers, "Authorization": f"Bearer {person.token}"}).get(
            person.address + "messages/"
        )
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = Client(headers=asked).options(person.address + "messages/")
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_a_session_of_the_admin_opens_no_conversation(person: Person) -> None:
    client = Client()
    client.force_login(person.chat.bot.owner)
    assert client.get(person.address + "messages/").status_code == 401
    assert WebMessage.objects.count() == 2
