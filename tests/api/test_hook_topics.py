"""Recipients of hooks in topics of a forum: each topic is told once, in itself, and can be named."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot, Conversation, OutboundMessage, Recipient
from permabots.pipeline import drain as draining
from permabots.testing import TelegramServer, migrated_update, text_update
from tests.api.hook_world import Owner
from tests.pipeline.conftest import telegram as telegram
from tests.pipeline.test_webhook import post as webhook

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

FORUM, GROUP = -1001234567890, -100
TOPICS = {"General": "", "Builds": "77", "Sales": "78"}
GONE = "79"


@pytest.fixture
def owner(live_server: Any, telegram: TelegramServer, settings: Any) -> Owner:
    """Whoever owns a bot that is in a forum with the topics 77 and 78, beside General."""
    settings.PERMABOTS = {**settings.PERMABOTS, "TELEGRAM_GROUP_RATE": "0"}  # nobody waits
    owner = Owner(live_server.url, telegram)
    for number in (77, 78):
        written = {"message_id": number, "message_thread_id": number, "is_topic_message": True, "user": 7}
        telegram.deliver("4242:token", text_update(number, FORUM, "hi", **written))
    return owner


def path(hook: Any) -> str:
    return f"hooks/{hook['id']}/recipients/telegram/"


def tell(owner: Owner, topics: dict[str, str], text: str = "News", **values: Any) -> Any:
    """Make a hook with a recipient for each topic, by their names."""
    hook = owner.hook({}, text, **values)
    for name, topic in topics.items():
        owner.api("POST", path(hook), {"chat_id": FORUM, "name": name, **({"topic": topic} if topic else {})})
    return hook


def threads(owner: Owner, chat: int = FORUM) -> list[int]:
    """Do what workers would do, and return in which topics the bot wrote, in order; 0 is General."""
    owner.told()
    for talk in Conversation.objects.filter(provider="telegram").order_by("pk"):
        while draining.drain(talk.pk, "telegram") is not None:
            pass
    ours = [it for it in owner.telegram.messages(chat) if it["from"]["is_bot"]]
    return sorted(it.get("message_thread_id", 0) for it in ours)


def test_each_topic_is_told_in_itself(owner: Owner) -> None:
    hook = tell(owner, TOPICS, "one\\\\ntwo {{ recipient.topic }}")
    assert [row["topic"] for row in owner.api("GET", path(hook))] == list(TOPICS.values())
    assert owner.post(hook, {}).json()["recipients"] == 3
    assert threads(owner) == [0, 0, 77, 77, 78, 78]
    assert {it["text"] for it in owner.telegram.messages(FORUM)} >= {"two", "two 77", "two 78"}
    (delivery,) = owner.api("GET", f"hooks/{hook['id']}/deliveries/")["results"]
    assert sorted({call["topic"] for call in delivery["outbound"]}) == ["", "77", "78"]


def test_what_is_told_to_a_topic_that_is_gone_goes_to_the_whole_chat(owner: Owner) -> None:
    owner.post(tell(owner, {"Old": GONE, "Builds": "77"}, "<b>News</b>"), {})
    assert threads(owner) == [0, 77]
    row = OutboundMessage.objects.get(recipient__name="Old")
    assert (row.status, "message thread not found" in row.error) == ("sent", True)
    assert [it["entities"][0]["type"] for it in owner.telegram.messages(FORUM)[-2:]] == ["bold", "bold"]


@pytest.mark.parametrize(
    ("named", "told"),
    [
        (str(FORUM), [0, 77, 78]),
        (f"telegram:{FORUM}", [0, 77, 78]),
        (f"{FORUM}/77", [77]),
        (f"telegram:{FORUM}/78", [78]),
        (f"General,{FORUM}/77", [0, 77]),
        (f"{FORUM}/{GONE}", None),
        (f"{FORUM}/", None),
        ("/77", None),
        ("77", None),
    ],
)
def test_a_topic_is_named_behind_its_chat(owner: Owner, named: str, told: list[int] | None) -> None:
    hook = tell(owner, TOPICS, recipients_template="{{ data.to }}")
    for answer in (owner.post(hook, {}, query={"recipients": named}), owner.post(hook, {"to": named})):
        assert answer.status_code == (200 if told else 400)
    assert threads(owner) == sorted((told or []) * 2)


@pytest.mark.parametrize("told_by", ["an update", "a refusal"])
def test_topics_stay_and_are_told_once_where_a_group_becomes_a_forum(owner: Owner, told_by: str) -> None:
    hook = tell(owner, {"Builds": "77"})
    for topic in ("", "77", "78"):
        owner.api("POST", path(hook), {"chat_id": GROUP, "name": f"old {topic}", "topic": topic})
    owner.post(hook, {})
    update = migrated_update(90, GROUP, FORUM, user=9, message_id=90)
    owner.telegram.deliver("4242:token", update)
    if told_by == "an update":
        assert webhook(Bot.objects.get().telegram_bot, update).status_code == 200
    assert threads(owner) == [0, 77, 78]
    assert sorted(Recipient.objects.values_list("chat_id", "topic")) == [(str(FORUM), it) for it in ("", "77", "78")]
    owner.post(hook, {})
    assert threads(owner) == [0, 0, 77, 77, 78, 78]


def test_topics_of_a_chat_share_its_rate(owner: Owner, settings: Any) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "TELEGRAM_GROUP_RATE": "0.001", "TELEGRAM_GROUP_BURST": "1"}
    owner.post(tell(owner, {"Builds": "77", "Sales": "78"}), {})
    owner.told()
    assert sorted(OutboundMessage.objects.values_list("status", flat=True)) == ["pending", "sent"]
