"""Topics as conversations of their own, where a bot's author wants that: state, what it remembers, and order."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot, ChatState, Conversation
from permabots.pipeline import drain as draining
from permabots.pipeline.lease import Lease
from permabots.testing import TelegramServer, callback_update, migrated_update, text_update
from permabots.testing.updates import message
from tests.api.conftest import Api
from tests.factories import make_handler
from tests.pipeline.talking import bot as bot
from tests.pipeline.test_integrations import TOKEN
from tests.pipeline.test_webhook import post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

FORUM, GROUP = -1001234567890, -100
GENERAL = 0


@pytest.fixture(autouse=True)
def _handlers(bot: Bot, settings: Any) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "TELEGRAM_GROUP_RATE": "0"}  # nobody waits
    make_handler(bot, r"^order (?P<what>\w+)$", "Where to?", target_state="ordered")
    make_handler(bot, "^(home|work)$", "{{ state_context._start.pattern.what }}", source_states=["ordered"])
    make_handler(bot, "^(home|work)$", "Order first")


class Forum:
    """A forum, seen by one person.

    Args:
        bot: in it.
        telegram: what serves it.
        chat: its id.
    """

    def __init__(self, bot: Bot, telegram: TelegramServer, chat: int = FORUM) -> None:
        self.api, self.path, self.chat = Api(bot.owner), f"bots/{bot.pk}/", chat
        self._bot, self._telegram, self._number = bot.pk, telegram, 100

    def separate(self, wanted: bool) -> None:
        """Set the bot's switch as its author does."""
        answer = self.api("PATCH", self.path, {"separate_topics": wanted})
        assert (answer.status_code, answer.json()["separate_topics"]) == (200, wanted)

    def hear(self, text: str, topic: int, user: int = 7) -> None:
        """Have the webhook take what a person writes in a topic."""
        self._number += 1
        where: dict[str, Any] = {"message_thread_id": topic, "is_topic_message": True} if topic else {}
        place = self._number * 10  # leaves room for answers
        update = text_update(self._number, self.chat, text, user=user, message_id=place, **where)
        self.take(update)

    def take(self, update: dict[str, Any]) -> None:
        self._telegram.deliver(TOKEN, update)
        assert post(Bot.objects.get(pk=self._bot).telegram_bot, update).status_code == 200

    def say(self, text: str, topic: int) -> list[str]:
        """Say something in a topic; returns what the bot answers, all of it there."""
        before = len(self._telegram.messages(self.chat))
        self.hear(text, topic)
        work()
        answers = [it for it in self._telegram.messages(self.chat)[before:] if it["from"]["is_bot"]]
        assert {it.get("message_thread_id", GENERAL) for it in answers} <= {topic}
        return [it["text"] for it in answers]

    def talk(self, *said: tuple[str, int]) -> list[list[str]]:
        return [self.say(text, topic) for text, topic in said]


def work() -> None:
    """Do what workers would do."""
    for talk in Conversation.objects.order_by("pk"):
        while draining.drain(talk.pk, "telegram") is not None:
            pass


@pytest.fixture
def forum(bot: Bot, telegram: TelegramServer) -> Forum:
    return Forum(bot, telegram)


ORDERS = [("order tea", 77), ("order rum", 78), ("home", 77), ("home", 78), ("home", GENERAL)]


@pytest.mark.parametrize(
    ("separate", "told"),
    [(False, ["tea", "tea", "tea"]), (True, ["tea", "rum", "Order first"])],
    ids=["one for all", "each its own"],
)
def test_a_topic_has_its_state_and_memory_where_the_author_wants_it(
    forum: Forum, separate: bool, told: list[str]
) -> None:
    assert forum.api.get(forum.path).json()["separate_topics"] is False
    if separate:
        forum.separate(True)
    assert forum.talk(*ORDERS) == [["Where to?"], ["Where to?"], *([text] for text in told)]


def test_a_changed_switch_leads_to_another_conversation_and_nothing_is_lost(forum: Forum) -> None:
    assert forum.talk(("order tea", 77)) == [["Where to?"]]
    forum.separate(True)
    assert forum.talk(("home", 77), ("home", GENERAL), ("order rum", 77)) == [["Order first"], ["tea"], ["Where to?"]]
    forum.separate(False)
    assert forum.talk(("home", 77), ("home", 78)) == [["tea"], ["tea"]]
    forum.separate(True)
    assert forum.talk(("home", 77), ("home", GENERAL)) == [["rum"], ["tea"]]


def test_what_waits_when_the_switch_changes_is_answered_in_its_topic(forum: Forum, telegram: TelegramServer) -> None:
    forum.hear("order tea", 77)
    forum.separate(True)
    assert forum.talk(("home", 77)) == [["Where to?", "Order first"]]
    assert forum.talk(("home", GENERAL)) == [["tea"]]


def test_a_pressed_button_belongs_to_the_topic_of_its_message(forum: Forum, telegram: TelegramServer) -> None:
    forum.separate(True)
    forum.talk(("order tea", 77), ("order rum", 78))
    under = message(FORUM, message_id=9000, text="where?", message_thread_id=78, is_topic_message=True)
    forum.take(callback_update(300, FORUM, "home", under=under, user=7, callback_id="q"))
    work()
    assert [telegram.messages(FORUM)[-1][name] for name in ("text", "message_thread_id")] == ["rum", 78]


def test_a_topic_does_not_wait_for_another(forum: Forum) -> None:
    forum.separate(True)
    forum.say("order tea", 77)
    with_lease = Lease.take(Conversation.objects.get(topic="77").pk)
    assert with_lease is not None
    forum.hear("home", 77)
    assert forum.talk(("order rum", 78), ("home", 78)) == [["Where to?"], ["rum"]]
    with_lease.release()
    work()


def test_each_person_has_their_own_state_in_a_topic(forum: Forum) -> None:
    forum.separate(True)
    for user in (7, 8):
        forum.hear("order tea", 77, user)
    work()
    assert sorted(Conversation.objects.values_list("user_id", "topic")) == [("7", "77"), ("8", "77")]


def test_states_of_topics_are_listed_and_set_over_the_api(forum: Forum) -> None:
    forum.separate(True)
    forum.talk(("order tea", 77), ("order rum", 78), ("home", GENERAL))
    path = forum.path + "chatstates/telegram/"
    shown = {row["topic"]: row for row in forum.api.get(path).json()}
    assert {topic: row["state"]["name"] for topic, row in shown.items()} == {"77": "ordered", "78": "ordered"}
    assert forum.api.get(path + "?topic=77").json() == [shown["77"]]
    assert [row["topic"] for row in forum.api.get(forum.path + "messages/?topic=78").json()["results"]] == ["78"]
    body = {"chat": FORUM, "user": 7, "state": {"name": "ordered"}}
    assert forum.api.post(path, {**body, "topic": "79"}).status_code == 404
    assert list(forum.api.post(path, {**body, "topic": "77"}).json()) == ["chat"]
    assert forum.api.post(path, body).json()["topic"] == ""
    assert forum.api.delete(f"{path}{shown['78']['id']}/").status_code == 204
    assert forum.api.patch(f"{path}{shown['77']['id']}/", {"topic": "78"}).json()["topic"] == "78"
    assert forum.talk(("home", 78), ("home", 77)) == [["tea"], ["Order first"]]


def test_topics_keep_their_states_where_the_chat_gets_another_id(bot: Bot, telegram: TelegramServer) -> None:
    old, new = Forum(bot, telegram, GROUP), Forum(bot, telegram)
    old.separate(True)
    old.talk(("order tea", 77), ("order rum", 78))
    new.hear("hm", 78)  # before anybody says that it is the same chat
    new.take(migrated_update(200, GROUP, FORUM, user=9, message_id=9000))
    new._number = 300
    assert new.talk(("home", 77), ("home", 78)) == [["tea"], ["rum"]]
    assert sorted(ChatState.objects.values_list("conversation__chat_id", "conversation__topic")) == [
        (str(FORUM), "77"),
        (str(FORUM), "78"),
    ]


def test_code_that_answers_a_message_stays_in_its_topic(forum: Forum, bot: Bot, telegram: TelegramServer) -> None:
    forum.separate(True)
    forum.say("order tea", 77)
    forum.hear("hm", 78)
    account: Any = Bot.objects.get(pk=bot.pk).telegram_bot
    asked = Conversation.objects.get(topic="77").inbound.get().inbound()
    assert account.get_chat_state(asked).topic == "77"
    assert account.get_chat_state(Conversation.objects.get(topic="78").inbound.get().inbound()) is None
    account.send_message(FORUM, "one\\ntwo", [], reply_message=asked, user=7)
    work()
    assert [it.get("message_thread_id") for it in telegram.messages(FORUM)[-2:]] == [77, 77]
    assert list(Conversation.objects.values_list("topic", flat=True).order_by("topic")) == ["77", "78"]
