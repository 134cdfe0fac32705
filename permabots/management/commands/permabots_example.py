"""``manage.py permabots_example [name]``: make a bot to try, with a web chat."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.urls import NoReverseMatch, reverse

from permabots.addresses import RUNSERVER, chat_url
from permabots.exceptions import ConfigurationError, IntegrationRefused
from permabots.management.users import find_user, named_user
from permabots.models import Bot, WebBot
from permabots.pipeline.authoring import documents
from permabots.pipeline.authoring.integrations import attach

USUAL = "shop"
SUPERUSER = "admin"
"""The name of the superuser that is made where there is none."""
HINTS = {
    USUAL: ", choose something, and say yes.",
    "appointment": ", choose a day and a time, and say your name.",
    "faq": ", and ask something.",
    "feedback": ", give a number, and say why.",
    "github": ", and write django/django: it asks GitHub, over the network.",
}
"""Example -> what to say to it then."""
NO_OWNER = (
    "A bot belongs to a user, and there is no superuser yet. Make one with `python manage.py createsuperuser`, or name "
    "a user with --owner."
)


class Command(BaseCommand):
    """Makes an example bot of a document and connects its web chat. It needs no network."""

    help = "Make an example bot with a web chat, and print where to talk to it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = ", ".join(documents.examples())
        parser.add_argument("name", nargs="?", default=USUAL, help=f"which: {names}; {USUAL} when none is named")
        parser.add_argument(
            "--owner", help="the username of the bot's owner; when none is named, the first superuser, or a new one"
        )

    def handle(self, *args: Any, name: str, owner: str | None, **options: Any) -> None:
        """Make the bot, unless its owner has it; print the address of its chat."""
        try:
            document = documents.example(name)
            chat_url("page", slug=name)  # where nobody could talk to it, nothing is made
            user = _owner(owner) or self._make_superuser()
            bot, made = self._bot(document, user)
        except (ConfigurationError, IntegrationRefused, LookupError) as error:
            raise CommandError(str(error.args[0])) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if made:
            self.stdout.write(self.style.SUCCESS(f'Made the bot "{bot}" of {user}.'))
        else:
            self.stdout.write(f'The bot "{bot}" of {user} is there already: nothing was changed.')
        for line in _directions(bot, name):
            self.stdout.write(line)

    def _make_superuser(self) -> Any:
        """Make the first superuser, and print the password.

        Raises:
            CommandError: the project's users need more than a name, or somebody else has that name.
        """
        users: Any = get_user_model()
        needed = {users.USERNAME_FIELD, *users.REQUIRED_FIELDS}
        if users.USERNAME_FIELD != "username" or needed - {"username", "email"} or find_user(SUPERUSER) is not None:
            raise CommandError(NO_OWNER)
        password = secrets.token_urlsafe(9)
        user = users._default_manager.create_superuser(SUPERUSER, password=password)
        self.stdout.write(f'Made the superuser "{SUPERUSER}" with the password {password}')
        return user

    @staticmethod
    def _bot(document: dict[str, Any], owner: Any) -> tuple[Bot, bool]:
        """Return the owner's bot of this name, and whether it was made now, with its web chat or not at all."""
        title = document["bot"]["name"]
        known = Bot.objects.filter(owner=owner, name=title).order_by("created_at").first()
        if known is not None:
            return known, False
        bot = documents.create(document, owner)
        try:
            attach(bot, WebBot.SLUG, {})
        except (ConfigurationError, IntegrationRefused):
            bot.delete()
            raise
        return Bot.objects.get(pk=bot.pk), True


def _owner(name: str | None) -> Any:
    """Return the user with a username; without one the first superuser, None where there is none.

    Raises:
        CommandError: there is no such user.
    """
    if name is None:
        users: Any = get_user_model()
        try:
            users._meta.get_field("is_superuser")
        except FieldDoesNotExist:
            raise CommandError(NO_OWNER) from None
        return users._default_manager.filter(is_superuser=True).order_by("pk").first()
    return named_user(name)


def _directions(bot: Bot, name: str) -> Iterator[str]:
    """Yield where to talk to a bot, and what to say."""
    row: Any = bot.integration(WebBot.SLUG)
    if row is None:
        yield "It has no web chat: connect one on the bot's page in the admin."
        return
    yield f"Talk to it: {chat_url('page', slug=row.slug)}"
    local = chat_url("page", RUNSERVER, slug=row.slug)
    if settings.DEBUG and local != chat_url("page", slug=row.slug):
        yield f"  with runserver: {local}"
    yield f'  Press Start or write "hello"{HINTS.get(name, ".")}'
    try:
        yield f"Change it: {RUNSERVER}{reverse('admin:permabots_bot_change', args=[bot.pk])}"
    except NoReverseMatch:
        return  # a project without the admin
    yield "  Logged in there, you see in the chat why the bot answered as it did."
