"""Whoever wants to be forgotten is: nothing of them stays, and nothing comes back that was under way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction

from permabots.models import (
    Bot,
    BotEvent,
    Chat,
    ChatState,
    Contact,
    Conversation,
    InboundMessage,
    OutboundMessage,
    Recipient,
    WebBot,
    WebMessage,
    WebSession,
    WebVisitor,
)
from permabots.pipeline import drain as draining
from permabots.pipeline.authoring.configuration import create_hook
from permabots.pipeline.web_chat import forgetting
from tests.factories import make_bot, make_handler
from tests.pipeline.notifying import deliver
from tests.web_chat.signing import SECRET, signed
from tests.web_chat.talking import Person, make_chat, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

OF_PEOPLE = (WebVisitor, WebSession, WebMessage, Conversation, InboundMessage, OutboundMessage, ChatState, Chat)


def left() -> dict[str, int]:
    """Return how many rows there are about people, by table; the account's own contact is none of them."""
    rows = {table.__name__: table._base_manager.count() for table in OF_PEOPLE}
    rows["Contact"] = Contact.objects.filter(conversations=None, webbots=None).count()
    rows["Contact"] += Contact.objects.filter(external_id__contains=":").count()
    return {name: count for name, count in rows.items() if count}


def forget(person: Person) -> int:
    return int(person.call("DELETE", "session/").status_code)


@pytest.fixture
def bot() -> Bot:
    bot = make_bot()
    make_handler(bot, "hello", "Hi", target_state="greeted")
    return bot


@pytest.fixture
def chat(bot: Bot) -> WebBot:
    return make_chat(bot, identity="optional", identity_secret=SECRET)


@pytest.fixture
def ann(chat: WebBot) -> Person:
    """Somebody whom a site has signed, who has talked."""
    person = Person(chat)
    assert person.post(text="hello", identity=signed(chat)).status_code == 202
    work()
    assert person.texts() == ["p:hello", "b:Hi"]
    assert Contact.objects.filter(first_name="Ann").exists()
    return person


def test_nothing_of_a_person_stays(ann: Person) -> None:
    assert forget(ann) == 204
    assert left() == {}
    assert ann.call("GET", "messages/").status_code == 401


def test_what_is_not_answered_yet_goes_too(ann: Person) -> None:
    ann.say("hello")
    assert forget(ann) == 204
    work()
    assert left() == {}


def test_all_devices_of_a_person_are_forgotten(ann: Person, chat: WebBot) -> None:
    phone = Person(chat)
    phone.token = phone.call("POST", "session/", {"identity": signed(chat)}).json()["token"]
    assert forget(phone) == 204
    assert ann.call("GET", "messages/").status_code == 401


def test_others_are_not_forgotten(ann: Person, chat: WebBot) -> None:
    bob = Person(chat)
    bob.post(text="hello", identity=signed(chat, id="bob", name="Bob"))
    elsewhere = Person(make_chat(identity="optional", identity_secret=SECRET))
    elsewhere.post(text="hello", identity=signed(elsewhere.chat))
    work()
    forget(ann)
    assert bob.texts() == elsewhere.texts() == ["p:hello", "b:Hi"]
    assert set(Contact.objects.filter(external_id__contains=":").values_list("first_name", flat=True)) == {"Ann", "Bob"}


def test_who_comes_back_begins_anew(ann: Person, chat: WebBot) -> None:
    forget(ann)
    ann.token = ""
    assert ann.post(text="hello", identity=signed(chat)).json()["number"] == 1
    work()
    assert ann.texts() == ["p:hello", "b:Hi"]


def test_who_is_a_recipient_of_a_hook_is_told_nothing_more(ann: Person, bot: Bot) -> None:
    hook = create_hook(bot, {"name": "ready", "response": {"text_template": "ready"}})
    Recipient.objects.create(hook=hook, provider="web", chat_id="i:ann", name="Ann")
    forget(ann)
    assert not Recipient.objects.exists()
    event = BotEvent.objects.latest("pk")
    assert (event.action, event.kind, event.name) == ("deleted", "recipient", "")


def test_a_notification_to_somebody_unknown_finds_nobody(bot: Bot, chat: WebBot) -> None:
    hook = create_hook(bot, {"name": "ready", "response": {"text_template": "ready"}})
    Recipient.objects.create(hook=hook, provider="web", chat_id="i:nobody", name="Nobody")
    bot.handle_hook(hook, {})
    deliver()
    work()
    assert OutboundMessage.objects.get().error.startswith("RecipientGone")


def test_only_who_has_the_token_can_forget(ann: Person, chat: WebBot) -> None:
    stranger = Person(chat)
    assert forget(stranger) == 401
    stranger.token = "guessed"
    assert forget(stranger) == 401
    other = Person(make_chat())
    other.token = ann.token
    assert forget(other) == 401
    assert ann.texts() == ["p:hello", "b:Hi"]


# --- sessions that end ------------------------------------------------------------------------------------------------


def expire() -> None:
    """Let all sessions end, as time does."""
    WebSession.objects.update(expires_at="2020-01-01T00:00:00Z")


def test_a_session_ends_however_much_it_is_used(ann: Person) -> None:
    before = WebSession.objects.get().expires_at
    ann.say("hello")
    ann.see()
    assert WebSession.objects.get().expires_at == before
    expire()
    assert ann.call("GET", "messages/").status_code == ann.post(text="hello").status_code == 401


def test_nobody_anonymous_is_told_anything_once_their_session_has_ended(chat: WebBot) -> None:
    person = Person(chat)
    person.say("hello")
    expire()
    work()
    assert OutboundMessage.objects.get().error.startswith("RecipientGone")


def test_who_is_signed_finds_the_answer_after_their_session_has_ended(chat: WebBot) -> None:
    person = Person(chat)
    person.post(text="hello", identity=signed(chat))
    expire()
    work()
    person.token = person.call("POST", "session/", {"identity": signed(chat)}).json()["token"]
    assert person.texts() == ["p:hello", "b:Hi"]


# --- what is under way ------------------------------------------------------------------------------------------------


@contextmanager
def api(answer: Callable[[], None]) -> Iterator[str]:
    """An author's API that does something before it answers; its address."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer()
            connection.close()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b'{"number": 17}')

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("identity", [True, False])
def test_who_is_forgotten_while_an_api_is_asked_leaves_nothing(identity: bool, settings: Any) -> None:
    settings.PERMABOTS = {**getattr(settings, "PERMABOTS", {}), "REQUEST_ALLOWED_HOSTS": ["127.0.0.1"]}
    bot = make_bot()
    done = []
    with api(lambda: done.append(forget(person))) as url:
        request = {"url_template": url, "method": "Get"}
        make_handler(bot, "order", "{{ response.data.number }}", request=request, target_state="ordered")
        chat = make_chat(bot, identity="optional", identity_secret=SECRET)
        person = Person(chat)
        person.post(text="order", **({"identity": signed(chat)} if identity else {}))
        work()
    assert done == [204]
    assert left() == {}


def waiting() -> None:
    """Return once a connection waits for a row."""
    with connection.cursor() as cursor:
        for _ in range(1000):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("nobody waited for the row")


@pytest.fixture
def postgresql(request: pytest.FixtureRequest) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("nobody waits for one row here: writers come one after another")


def _raced(act: Callable[[], Any], table: Any, chat: WebBot) -> list[Any]:
    """Hold a row that an act needs until the act waits for it, and forget the person in that moment."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(act())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        table.objects.select_for_update().get()
        thread.start()
        waiting()
        forgetting.forget(chat, WebVisitor.objects.get().pk)
    thread.join()
    return found


def test_an_answer_that_is_sent_at_that_moment_is_given_up(chat: WebBot, postgresql: None) -> None:
    person = Person(chat)
    person.post(text="hello", identity=signed(chat))
    (talk,) = Conversation.objects.values_list("pk", flat=True)
    assert _raced(lambda: draining.drain(talk, "web"), WebVisitor, chat) == [None]
    assert left() == {}


def test_a_turn_that_would_begin_at_that_moment_does_not(chat: WebBot, postgresql: None) -> None:
    person = Person(chat)
    person.post(text="hello", identity=signed(chat))
    (talk,) = Conversation.objects.values_list("pk", flat=True)
    assert _raced(lambda: draining.drain(talk, "web"), Conversation, chat) == [None]
    assert left() == {}


def test_a_message_that_comes_at_that_moment_is_refused(ann: Person, chat: WebBot, postgresql: None) -> None:
    (answer,) = _raced(lambda: ann.post(text="hello"), WebVisitor, chat)
    assert answer.status_code == 401
    assert left() == {}


def test_every_table_with_people_in_it_is_looked_at() -> None:
    """A table that names a conversation, a visitor or a chat's id belongs to `OF_PEOPLE`, or is a recipient."""
    names = {"conversation", "visitor", "chat_id"}
    tables = [model for model in apps.get_app_config("permabots").get_models() if not model._meta.proxy]
    found = {table for table in tables if names & {field.name for field in table._meta.concrete_fields}}
    assert found <= {*OF_PEOPLE, Recipient}
