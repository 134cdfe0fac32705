"""The command that makes an example bot with a web chat."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command

from permabots.models import Bot
from tests.factories import make_user
from tests.web_chat.talking import Person, work

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture(autouse=True)
def _without_a_domain(settings: Any) -> None:
    settings.PERMABOTS = {}
    settings.MICROBOT_WEBHOOK_DOMAIN = None


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("permabots_example", *arguments, stdout=out)
    return out.getvalue()


def test_its_bot_takes_an_order_by_its_api() -> None:
    assert "Talk to it: http://127.0.0.1:8000/chat/shop/\n" in run()
    row: Any = Bot.objects.get().web_bot
    person = Person(row)
    for text in ("hello", "Tea", "yes"):
        person.say(text)
        work()
    assert person.texts()[1::2] == [
        "b:Welcome to The Corner Café ☕\nWhat would you like?",
        "b:One tea. Shall I order it?",
        "b:Order 17: one tea. Thank you!",
    ]


def test_a_second_time_it_tells_that_the_bot_is_there_and_changes_nothing() -> None:
    run()
    before = list(Bot.objects.values())
    said = run()
    assert "is there already: nothing was changed" in said
    assert "http://127.0.0.1:8000/chat/shop/" in said
    assert list(Bot.objects.values()) == before


def test_the_first_superuser_is_the_owner() -> None:
    make_user("somebody")
    users: Any = get_user_model()
    users.objects.create_superuser("root")
    run()
    assert Bot.objects.get().owner.username == "root"
    assert users.objects.count() == 2


def test_where_there_is_no_superuser_one_is_made_with_the_password_that_is_printed() -> None:
    said = run()
    password = said.partition("with the password ")[2].split()[0]
    user: Any = authenticate(username="admin", password=password)
    assert user is not None
    assert user.is_superuser


def test_a_superuser_is_not_made_of_somebody_who_is_none() -> None:
    make_user("admin")
    with pytest.raises(CommandError, match="createsuperuser"):
        run()
    assert not Bot.objects.exists()


def test_an_owner_may_be_named() -> None:
    make_user("ann")
    run("--owner", "ann")
    assert Bot.objects.get().owner.username == "ann"


def test_an_owner_who_does_not_exist_is_told() -> None:
    with pytest.raises(CommandError, match="There is no user 'nobody'"):
        run("--owner", "nobody")


def test_an_example_that_does_not_exist_is_told_with_those_that_do() -> None:
    with pytest.raises(CommandError, match=r"There is no example 'cake'.*shop"):
        run("cake")


def test_the_address_is_that_of_the_webhooks_domain(settings: Any) -> None:
    settings.PERMABOTS = {"WEBHOOK_DOMAIN": "bots.example.com"}
    assert "Talk to it: https://bots.example.com/chat/shop/" in run()


def test_where_nobody_could_talk_to_it_nothing_is_made(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.web_chat.urls_without_chat"
    with pytest.raises(CommandError, match=r"permabots\.urls_chat"):
        run()
    assert not get_user_model().objects.exists()


def test_two_authors_have_two_addresses() -> None:
    for name in ("ann", "bob"):
        make_user(name)
        run("--owner", name)
    slugs = {bot.web_bot.slug for bot in Bot.objects.all() if bot.web_bot}
    assert len(slugs) == 2
    assert "shop" in slugs
