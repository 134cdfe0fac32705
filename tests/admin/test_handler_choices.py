"""What a handler's form offers: the bot it belongs to, and the states of that bot."""

from __future__ import annotations

import pytest

from permabots.models import Bot, Handler, State
from tests.admin.conftest import Browser, errors
from tests.admin.handler_form import browser_sends, form
from tests.admin.handler_form import handler as handler
from tests.factories import make_bot

pytestmark = [pytest.mark.django_db]


def test_states_are_those_of_the_bot(owner: Browser, bot: Bot) -> None:
    State.objects.create(bot=bot, name="ours")
    other = make_bot(owner=bot.owner, name="other")
    foreign = State.objects.create(bot=other, name="foreign")
    source = owner.read("handler_add", bot=bot.pk)
    assert "ours" in source
    assert "foreign" not in source
    assert "source_states" in errors(owner.post("handler_add", **form(bot=bot.pk, source_states=[foreign.pk])))


def test_a_state_that_a_handler_names_is_made_with_it(owner: Browser, bot: Bot) -> None:
    menu = State.objects.create(bot=bot, name="Menu")
    values = form(bot=bot.pk, source_states=[menu.pk], new_source_states="MENU, Basket,, ", new_target_state=" Paid ")
    answer = owner.post("handler_add", **values)
    assert answer.status_code == 302, errors(answer)
    made = Handler.objects.get()
    assert made.target_state == bot.states.get(name="Paid")
    assert sorted(str(it) for it in made.source_states.all()) == ["Basket", "Menu"]
    said = [str(it) for it in owner.get("bot_change", bot.pk).context["messages"]]
    assert "greeting: made the states Basket, Paid." in said
    owner.post(
        "handler_change", made.pk, **{**browser_sends(owner, made), "new_target_state": "Sent", "target_state": ""}
    )
    made.refresh_from_db()
    assert made.target_state == bot.states.get(name="Sent")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("new_source_states", f"menu, {'x' * 256}", "at most 255 characters"),
        ("new_target_state", "x" * 256, "at most 255 characters"),
        ("new_target_state", "another", "not both"),
    ],
)
def test_the_name_of_a_state_that_cannot_be_made_is_told(
    owner: Browser, bot: Bot, field: str, value: str, said: str
) -> None:
    menu = State.objects.create(bot=bot, name="menu")
    chosen = {"target_state": menu.pk} if value == "another" else {}
    answer = owner.post("handler_add", **form(bot=bot.pk, **chosen, **{field: value}))
    assert said in str(errors(answer)[field])
    assert State.objects.get() == menu


def test_the_bot_is_asked_for_first(owner: Browser, bot: Bot) -> None:
    assert f"?bot={bot.pk}" in owner.read("handler_add")


@pytest.mark.parametrize("query", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_a_bot_that_is_not_there_cannot_be_chosen(owner: Browser, bot: Bot, query: str) -> None:
    assert str(bot) not in owner.read("handler_add", bot=query)
    assert "bot" in errors(owner.post("handler_add", **form(bot=query)))


def test_without_a_bot_there_is_nothing_to_choose(stranger: Browser) -> None:
    assert "There is no bot yet" in stranger.read("handler_add")


def test_a_handler_stays_with_its_bot(owner: Browser, bot: Bot, handler: Handler) -> None:
    other = make_bot(owner=bot.owner, name="other")
    owner.post("handler_change", handler.pk, **browser_sends(owner, handler), bot=other.pk)
    handler.refresh_from_db()
    assert handler.bot == bot


@pytest.mark.parametrize("page", ["add", "change"])
def test_another_one_is_for_the_same_bot(owner: Browser, bot: Bot, handler: Handler, page: str) -> None:
    ids, values = ([handler.pk], browser_sends(owner, handler)) if page == "change" else ([], form(bot=bot.pk))
    answer = owner.post(f"handler_{page}", *ids, **values, _addanother="1")
    assert answer.headers["Location"] == f"/admin/permabots/handler/add/?bot={bot.pk}"


def test_whoever_may_not_see_the_bot_is_led_to_the_list(owner: Browser, bot: Bot, handler: Handler) -> None:
    owner.user.user_permissions.remove(*owner.user.user_permissions.filter(codename__endswith="_bot"))
    answer = owner.post("handler_change", handler.pk, **browser_sends(owner, handler))
    assert answer.headers["Location"] == "/admin/permabots/handler/"


def test_an_empty_list_of_bots_is_told_in_the_form(root: Browser) -> None:
    assert "There is no bot yet" in root.read("handler_add")
