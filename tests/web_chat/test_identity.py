"""Who a person is, as a site signs it: known, or refused, and never silently somebody else."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.urls import reverse

from permabots.exceptions import IntegrationRefused
from permabots.models import Conversation, WebBot, WebSession, WebVisitor
from tests.api.conftest import Api
from tests.factories import make_bot, make_handler
from tests.web_chat.signing import OTHER, SECRET, signed, signed_text
from tests.web_chat.talking import Person, make_chat, work

pytestmark = pytest.mark.django_db


def chat_of(rule: str = "optional", **values: Any) -> WebBot:
    return make_chat(identity=rule, identity_secret=SECRET, **values)


def test_who_is_signed_is_known_to_the_bot() -> None:
    bot = make_bot()
    make_handler(bot, "hello", "Hi {{ message.name }}")
    chat = make_chat(bot, identity="optional", identity_secret=SECRET)
    person = Person(chat)
    answer = person.post(text="hello", identity=signed(chat))
    assert answer.json()["identified"] is True
    work()
    assert person.texts() == ["p:hello", "b:Hi Ann"]
    assert Conversation.objects.get().chat_id == "i:ann"


@pytest.mark.parametrize("rule", ["optional", "required"])
def test_a_chat_whose_site_is_to_sign_needs_a_secret_for_that(rule: str) -> None:
    with pytest.raises(IntegrationRefused, match="identity_secret is missing"):
        make_chat(identity=rule)


def test_strangers_who_begin_many_conversations_shut_out_nobody_whom_a_site_has_signed(settings: Any) -> None:
    settings.PERMABOTS = {"WEBCHAT_LIMITS": {"new_by_chat": "2/hour"}}
    chat = chat_of()
    assert [Person(chat).post(text="x").status_code for _ in range(3)] == [202, 202, 429]
    assert Person(chat).post(text="hello", identity=signed(chat)).status_code == 202


def test_a_refused_message_uses_up_nobodys_conversations(settings: Any) -> None:
    settings.PERMABOTS = {"WEBCHAT_LIMITS": {"new_by_chat": "1/hour"}}
    chat = make_chat(consent_text="May we?")
    assert [Person(chat).post(text="x").status_code for _ in range(2)] == [403, 403]
    assert Person(chat).post(text="x", consent=True).status_code == 202


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_another_site_begins_no_conversation_with_an_old_browser(origin: str) -> None:
    assert Person(make_chat(), Origin=origin).post(text="x").status_code == 403


def test_who_is_not_signed_is_anonymous_where_that_is_optional() -> None:
    assert Person(chat_of()).post(text="hello").json()["identified"] is False


def test_who_is_not_signed_is_refused_where_that_is_required() -> None:
    assert Person(chat_of("required")).post(text="hello").status_code == 401
    assert not WebVisitor.objects.exists()


def test_a_chat_that_is_not_public_takes_only_people_who_are_signed() -> None:
    chat = chat_of(public=False)
    assert Person(chat).post(text="hello").status_code == 401
    assert Person(chat).post(text="hello", identity=signed(chat)).status_code == 202


def test_a_chat_without_signed_identities_refuses_one() -> None:
    chat = chat_of("off")
    assert Person(chat).post(text="hello", identity=signed(chat)).status_code == 401
    assert not WebVisitor.objects.exists()


def wrong(chat: WebBot) -> dict[str, Any]:
    good, now = signed(chat), int(time.time())
    first, _, signature = good.partition(".")
    other = make_chat(identity="optional", identity_secret=SECRET)
    text = {"id": "ann", "exp": now + 60}
    return {
        "expired": signed(chat, exp=now - 1),
        "valid for too long": signed(chat, exp=now + 2 * 86_400),
        "without an end": signed(chat, exp=None),
        "an end that is no number": signed(chat, exp="never"),
        "an end that is true": signed(chat, exp=True),
        "no finite end": signed_text(chat.slug, SECRET, '{"id": "ann", "exp": NaN}'),
        "an infinite end": signed_text(chat.slug, SECRET, '{"id": "ann", "exp": -1e999}'),
        "for another chat": signed(other),
        "with another secret": signed(chat, OTHER),
        "with an empty secret": signed(chat, ""),
        "another person's content": signed(chat, id="bob").partition(".")[0] + "." + signature,
        "an altered signature": good[:-1] + ("0" if good[-1] != "0" else "1"),
        "a signature in capitals": f"{first}.{signature.upper()}",
        "without a signature": first,
        "an empty signature": first + ".",
        "not in ASCII": good + "é",
        "a list": [good],
        "an object": {"id": "ann"},
        "true": True,
        "a number": 1,
        "far too long": good + "." + "a" * 3000,
        "no object": signed_text(chat.slug, SECRET, json.dumps(["ann", now + 60])),
        "no JSON": signed_text(chat.slug, SECRET, "ann"),
        "no text as id": signed_text(chat.slug, SECRET, json.dumps({**text, "id": 7})),
        "an empty id": signed(chat, id=""),
        "an id that is too long": signed(chat, id="a" * 101),
        "an id with NUL": signed(chat, id="ann\0"),
        "an id with a line break": signed(chat, id="ann\n"),
        "an id with half a character": signed(chat, id="ann\ud83d"),
        "a name that is no text": signed(chat, name=7),
    }


NAMES = [
    *("expired", "valid for too long", "without an end", "an end that is no number", "an end that is true"),
    *("no finite end", "an infinite end", "for another chat", "with another secret", "with an empty secret"),
    *("another person's content", "an altered signature", "a signature in capitals", "without a signature"),
    *("an empty signature", "not in ASCII", "a list", "an object", "true", "a number", "far too long", "no object"),
    *("no JSON", "no text as id", "an empty id", "an id that is too long", "an id with NUL"),
    *("an id with a line break", "an id with half a character", "a name that is no text"),
]


@pytest.mark.parametrize("name", NAMES)
def test_an_identity_that_is_wrong_is_refused_and_nobody_becomes_anonymous(name: str) -> None:
    chat = chat_of()
    person = Person(chat)
    for where in ("messages/", "session/"):
        body = {"id": "6f1f64ae-95a8-4b8b-8a62-3d0a3e7bdb01", "text": "hello", "identity": wrong(chat)[name]}
        assert person.call("POST", where, body).status_code == 401, where
    assert not WebVisitor.objects.exists()


def test_every_wrong_identity_is_tried() -> None:
    assert list(wrong(chat_of())) == NAMES


def test_what_an_anonymous_person_said_is_not_shown_once_they_are_signed() -> None:
    chat = chat_of()
    anonymous, ann = Person(chat), Person(chat)
    anonymous.say("something private")
    assert ann.post(text="hello", identity=signed(chat)).status_code == 202
    assert ann.texts() == ["p:hello"]
    assert anonymous.texts() == ["p:something private"]


def test_a_token_of_an_anonymous_person_stays_theirs_whatever_identity_comes_with_it() -> None:
    chat = chat_of()
    person = Person(chat)
    person.say("hello")
    assert person.post(text="again", identity=signed(chat)).status_code == 202
    assert [row.chat_id[:2] for row in WebVisitor.objects.all()] == ["v:"]


def test_one_person_on_two_devices_has_one_conversation_and_two_tokens() -> None:
    chat = chat_of()
    phone, desk = Person(chat), Person(chat)
    phone.post(text="from the phone", identity=signed(chat))
    answer = desk.call("POST", "session/", {"identity": signed(chat)})
    assert answer.status_code == 201
    desk.token = answer.json()["token"]
    desk.say("from the desk")
    assert phone.texts() == desk.texts() == ["p:from the phone", "p:from the desk"]
    assert phone.token != desk.token
    assert Conversation.objects.count() == 1


def test_nothing_is_stored_of_somebody_who_signs_in_and_has_said_nothing() -> None:
    chat = chat_of()
    assert Person(chat).call("POST", "session/", {"identity": signed(chat)}).status_code == 204
    assert not WebVisitor.objects.exists()


def test_names_that_differ_in_case_are_different_people() -> None:
    chat = chat_of()
    for name in ("ann", "Ann", "ann "):
        assert Person(chat).post(text="hello", identity=signed(chat, id=name)).status_code == 202
    assert WebVisitor.objects.count() == 3


# --- the secret -------------------------------------------------------------------------------------------------------


@pytest.fixture
def chat() -> WebBot:
    return chat_of()


@pytest.fixture
def api(chat: WebBot) -> Api:
    return Api(chat.bot.owner)


@pytest.fixture
def account(chat: WebBot) -> str:
    return f"bots/{chat.bot.pk}/web/{chat.pk}/"


def accepts(chat: WebBot, secret: str) -> bool:
    return bool(Person(chat).post(text="hello", identity=signed(chat, secret)).status_code == 202)


def test_a_new_secret_leaves_the_one_before_valid_until_it_is_retired(chat: WebBot, api: Api, account: str) -> None:
    assert api.patch(account, {"identity_secret": OTHER, "enabled": True}).status_code == 200
    assert accepts(chat, SECRET)
    assert accepts(chat, OTHER)
    assert api.get(account + "status/").json()["rotating"] is True
    assert api.post(account + "retire/", {}).status_code == 200
    assert not accepts(chat, SECRET)
    assert accepts(chat, OTHER)
    assert api.get(account + "status/").json()["rotating"] is False


def test_the_same_secret_again_changes_nothing(chat: WebBot, api: Api, account: str) -> None:
    api.patch(account, {"identity_secret": OTHER, "enabled": True})
    api.patch(account, {"identity_secret": OTHER, "enabled": True})
    assert accepts(chat, SECRET)
    assert accepts(chat, OTHER)


def test_retiring_a_secret_ends_the_sessions_of_signed_people_only(chat: WebBot, api: Api, account: str) -> None:
    ann, somebody = Person(chat), Person(chat)
    ann.post(text="hello", identity=signed(chat))
    somebody.say("hello")
    api.patch(account, {"identity_secret": OTHER, "enabled": True})
    assert ann.call("GET", "messages/").status_code == 200
    api.post(account + "retire/", {})
    assert ann.call("GET", "messages/").status_code == 401
    assert somebody.call("GET", "messages/").status_code == 200
    back = Person(chat)
    back.token = back.call("POST", "session/", {"identity": signed(chat, OTHER)}).json()["token"]
    assert back.texts() == ["p:hello"]


@pytest.mark.parametrize("new", ["", "a-third-secret-of-the-site-0123456789"])
def test_a_secret_that_is_dropped_ends_sessions_too(new: str, chat: WebBot, api: Api, account: str) -> None:
    api.patch(account, {"identity_secret": OTHER, "enabled": True})
    ann = Person(chat)
    ann.post(text="hello", identity=signed(chat))
    rule = "optional" if new else "off"
    assert api.patch(account, {"identity_secret": new, "identity": rule, "enabled": True}).status_code == 200
    assert not accepts(chat, SECRET)
    assert ann.call("GET", "messages/").status_code == 401


def test_a_secret_is_not_made_here(api: Api, account: str) -> None:
    answer = api.post(account + "rotate/", {})
    assert answer.status_code == 400
    assert "identity_secret" in answer.content.decode()


def test_a_secret_that_can_be_guessed_is_refused(api: Api, account: str) -> None:
    assert api.patch(account, {"identity_secret": "secret", "enabled": True}).status_code == 400


def test_a_change_of_something_else_keeps_both_secrets_and_sessions(chat: WebBot, api: Api, account: str) -> None:
    api.patch(account, {"identity_secret": OTHER, "enabled": True})
    ann = Person(chat)
    ann.post(text="hello", identity=signed(chat))
    assert api.patch(account, {"title": "Corner shop", "enabled": True}).status_code == 200
    row = WebBot.objects.get()
    row.greeting = "Welcome"
    row.save()
    assert accepts(chat, SECRET)
    assert accepts(chat, OTHER)
    assert ann.call("GET", "messages/").status_code == 200


def test_a_secret_is_in_no_answer_page_log_event_and_not_in_clear_in_the_database(
    chat: WebBot, api: Api, account: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answers = [api.patch(account, {"identity_secret": OTHER, "enabled": True}), api.get(account)]
    answers += [api.get(f"bots/{chat.bot.pk}/"), api.get(f"bots/{chat.bot.pk}/events/"), api.get(account + "status/")]
    Person(chat).post(text="hello", identity=signed(chat, "x" * 40))
    answers += [Person(chat).call("GET", "", None)]
    owner = chat.bot.owner
    owner.is_staff = True
    owner.save()
    owner.user_permissions.set(Permission.objects.filter(content_type__app_label="permabots"))
    staff = Client()
    staff.force_login(owner)
    answers += [staff.get(reverse("admin:permabots_webbot_change", args=[chat.pk])) if _has_admin() else answers[0]]
    answers += [staff.get(reverse("admin:permabots_bot_change", args=[chat.bot.pk]))]
    seen = b" ".join(answer.content for answer in answers).decode() + caplog.text
    with connection.cursor() as cursor:
        cursor.execute("SELECT identity_secret, previous_identity_secret FROM permabots_webbot")
        seen += " ".join(cursor.fetchone())
    assert all(answer.status_code == 200 for answer in answers)
    assert SECRET not in seen
    assert OTHER not in seen


def _has_admin() -> bool:
    return admin.site.is_registered(WebBot)


def test_sessions_are_stored_as_digests(chat: WebBot) -> None:
    person = Person(chat)
    person.say("hello")
    assert person.token not in WebSession.objects.get().token_hash
