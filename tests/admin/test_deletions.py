"""Before something is deleted, the page says by name what will work no more."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot, ChatState, ConversationTest, EnvironmentVar, Recipient
from permabots.pipeline.authoring.configuration import create_hook
from tests.admin.conftest import Browser
from tests.admin.world import World
from tests.factories import make_conversation, make_handler, make_telegram

pytestmark = [pytest.mark.django_db]


def told(browser: Browser, table: str, row: Any) -> list[str]:
    """Return what the page that asks whether one is sure says of what comes of it."""
    found = browser.get(f"{table}_delete", row.pk)
    assert found.status_code == 200
    lists = [it for it in found.context["deleted_objects"] if isinstance(it, list)]
    return lists[0] if lists else []


def add(bot: Bot, name: str, pattern: str = "", **values: Any) -> Any:
    return make_handler(bot, pattern or f"^{name}$", name=name, **values)


@pytest.fixture
def ways(bot: Bot) -> Bot:
    """Start → menu → order → paid, and out of paid to menu again."""
    add(bot, "begin", target_state="menu")
    add(bot, "choose", source_states=["menu"], target_state="order")
    add(bot, "pay", source_states=["order"], target_state="paid")
    add(bot, "again", source_states=["paid"], target_state="menu")
    add(bot, "help", source_states=["menu", "order"])
    add(bot, "old", source_states=["order"], enabled=False)
    return bot


def test_a_state_names_its_handlers_its_chats_its_tests_and_the_dead_ends(owner: Browser, ways: Bot) -> None:
    state = ways.states.get(name="order")
    ChatState.objects.create(conversation=make_conversation(ways), provider="telegram", state=state)
    ConversationTest.objects.create(bot=ways, name="paying", provider="telegram", state="Order")
    assert told(owner, "state", state) == [
        "Handler “choose” leaves the chat where it is: it led to “order”.",
        "Handler “pay” is disabled: it answers in no other state.",
        "Chats that are in “order” now: 1. They are in no state then, and remember nothing.",
        "Test “paying” begins in “order”, and fails then.",
        "The state “menu” becomes a dead end: no handler leads out of it.",
        "No chat comes to the state “paid” any more.",
        "Handler “again” is never chosen: no chat comes to where it answers.",
    ]


def test_a_state_tells_where_a_dead_end_comes_of_it(owner: Browser, bot: Bot) -> None:
    add(bot, "begin", target_state="menu")
    add(bot, "go", source_states=["menu"], target_state="away")
    bot.handlers.filter(name="begin").update(enabled=False)
    ChatState.objects.create(
        conversation=make_conversation(bot), provider="telegram", state=bot.states.get(name="menu")
    )
    assert "The state “menu” becomes a dead end: no handler leads out of it." in told(
        owner, "state", bot.states.get(name="away")
    )


def test_a_handler_names_the_states_that_nobody_comes_to(owner: Browser, ways: Bot) -> None:
    assert told(owner, "handler", ways.handlers.get(name="pay")) == [
        "No chat comes to the state “paid” any more.",
        "Handler “again” is never chosen: no chat comes to where it answers.",
    ]


def test_a_handler_says_how_often_it_answered(owner: Browser, bot: Bot) -> None:
    world = World(bot)
    assert "Handler “handler” answered 1 of the newest 1 messages." in told(owner, "handler", world.handler)


@pytest.mark.parametrize(
    ("template", "reads"),
    [
        ("{{ env.shop }}", True),
        ("{{ env.shop|upper }}", True),
        ("{{ env['shop'] }}", True),
        ('{{ env["shop"] }}', True),
        ("{{ env.get('shop') }}", True),
        ("{{ env.shops }}", False),
        ("{{ shop }} env", False),
        ("{{ env['shop front'] }}", False),
    ],
)
def test_a_variable_names_the_handlers_that_read_it(owner: Browser, bot: Bot, template: str, reads: bool) -> None:
    row = EnvironmentVar.objects.create(bot=bot, key="shop", value="Café")
    make_handler(bot, text=template, name="welcome")
    said = "Handler “welcome” reads “shop”, and finds nothing there then."
    assert told(owner, "environmentvar", row) == ([said] if reads else [])


@pytest.mark.parametrize(
    "request_",
    [
        {"url_template": "{{ env.shop }}/menu"},
        {"url_template": "http://x/", "data": {"a": ['{{ env["shop"] }}']}, "method": "Post"},
        {"url_template": "http://x/", "data": '{"a": "{{ env.shop }}"}', "method": "Post"},
        {"url_template": "http://x/", "url_parameters": [{"key": "k", "value_template": "{{ env.shop }}"}]},
        {"url_template": "http://x/", "header_parameters": [{"key": "k", "value_template": "{{ env.shop }}"}]},
    ],
)
def test_a_variable_is_looked_for_in_every_template_of_a_request(owner: Browser, bot: Bot, request_: Any) -> None:
    row = EnvironmentVar.objects.create(bot=bot, key="shop", value="Café")
    make_handler(bot, name="ask", request=request_)
    assert told(owner, "environmentvar", row) == ["Handler “ask” reads “shop”, and finds nothing there then."]


def test_a_variable_names_the_hooks_that_read_it(owner: Browser, bot: Bot) -> None:
    row = EnvironmentVar.objects.create(bot=bot, key="shop", value="Café")
    create_hook(bot, {"name": "news", "response": {"text_template": "{{ env.shop }}"}})
    assert told(owner, "environmentvar", row) == ["Hook “news” reads “shop”, and finds nothing there then."]


def hook_with_ann(bot: Bot) -> Any:
    hook = create_hook(bot, {"name": "news", "response": {"text_template": "x"}})
    Recipient.objects.create(hook=hook, provider="telegram", chat_id="7", name="Ann")
    return hook


def test_an_account_names_the_bot_and_the_hooks_that_reach_fewer(owner: Browser, bot: Bot) -> None:
    hook_with_ann(bot)
    assert told(owner, "telegrambot", make_telegram(bot)) == [
        "“shop” answers nobody on Telegram any more, and the webhook there is removed.",
        "Hook “news” does not reach its recipients on Telegram any more: 1.",
    ]


def test_a_bot_names_its_accounts_and_the_addresses_of_its_hooks(owner: Browser, bot: Bot, settings: Any) -> None:
    settings.PERMABOTS = {"WEBHOOK_DOMAIN": "https://bots.example.com"}
    hook = hook_with_ann(bot)
    make_telegram(bot)
    said = f"Hook “news” is at https://bots.example.com/processing/hook/{hook.key}/. Whoever posts there gets a 404."
    assert told(owner, "bot", bot)[-1] == said
    assert "“shop” answers nobody on Telegram any more, and the webhook there is removed." in told(owner, "bot", bot)
    assert told(owner, "hook", hook) == [said]


def test_a_chat_state_says_that_the_chat_begins_anew(owner: Browser, bot: Bot) -> None:
    (said,) = told(owner, "chatstate", World(bot).chat_state)
    assert said == "telegram 7 is in no state then, as before its first message, and remembers nothing."


def test_many_at_once_are_told_together(owner: Browser, bot: Bot) -> None:
    """A handler in two states is disabled by the deletion of both, and by that of one it is not."""
    add(bot, "either", source_states=["one", "two"])
    states = list(bot.states.order_by("name"))
    assert told(owner, "state", states[0]) == []
    chosen = {"action": "delete_selected", "_selected_action": [row.pk for row in states]}
    source = owner.post("state_changelist", **chosen).content.decode()
    assert "Handler “either” is disabled: it answers in no other state." in source


def test_each_handler_that_is_said_to_be_disabled_is_and_no_other(owner: Browser, ways: Bot) -> None:
    state = ways.states.get(name="order")
    sentences = [it for it in told(owner, "state", state) if "is disabled" in it]
    before = set(ways.handlers.filter(enabled=True).values_list("name", flat=True))
    owner.post("state_delete", state.pk, post="yes")
    disabled = before - set(ways.handlers.filter(enabled=True).values_list("name", flat=True))
    assert {f"Handler “{name}” is disabled: it answers in no other state." for name in disabled} == set(sentences)
