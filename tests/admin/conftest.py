"""The admin, opened by a superuser, by a bot's owner and by somebody else."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from permabots.models import Bot
from tests.factories import make_bot, make_user
from tests.pipeline.conftest import telegram as telegram

INLINE = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>|<style|\sstyle=|\son[a-z]+=\"|javascript:")
"""What a strict Content-Security-Policy forbids in a page."""


@dataclass
class Browser:
    """Somebody who is logged in.

    Args:
        user: who.
    """

    user: Any
    client: Client = field(default_factory=Client)

    def __post_init__(self) -> None:
        self.client.force_login(self.user)

    def get(self, name: str, *ids: Any, **query: Any) -> Any:
        """Open a page by its name, without ``admin:permabots_``."""
        return self.client.get(url(name, *ids), query)

    def read(self, name: str, *ids: Any, **query: Any) -> str:
        """Open a page that must be there, and return its source, which has no script or style of its own in it."""
        answer = self.get(name, *ids, **query)
        assert answer.status_code == 200, (answer.status_code, answer.headers)
        source = str(answer.content.decode())
        assert not INLINE.findall(source)
        return source

    def post(self, page: str, *ids: Any, **values: Any) -> Any:
        """Send a form of a page."""
        return self.client.post(url(page, *ids), values)

    def act(self, page: str, action: str, *rows: Any) -> list[str]:
        """Do something with rows of a list, and return what is said about it."""
        chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
        answer = self.client.post(url(page), chosen, follow=True)
        assert answer.status_code == 200
        return [str(message) for message in answer.context["messages"]]


def url(page: str, *ids: Any) -> str:
    return reverse(f"admin:permabots_{page}", args=ids)


def errors(answer: Any) -> dict[str, list[str]]:
    """Return what a form that was not saved says, by its fields."""
    assert answer.status_code == 200, "it was saved"
    return {name: list(found) for name, found in answer.context["adminform"].form.errors.items()}


def make_staff(name: str = "") -> Any:
    """Somebody who may do everything in the admin of permabots with what is their own."""
    user = make_user(name)
    user.is_staff = True
    user.save()
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="permabots"))
    return user


@pytest.fixture
def bot(db: None) -> Bot:
    return make_bot(owner=make_staff("owner"))


@pytest.fixture
def owner(bot: Bot) -> Browser:
    """The bot's owner, who is no superuser."""
    return Browser(bot.owner)


@pytest.fixture
def stranger(db: None) -> Browser:
    """Somebody with bots of their own, perhaps, and all permissions."""
    return Browser(make_staff("stranger"))


@pytest.fixture
def root(db: None) -> Browser:
    user = make_staff("root")
    user.is_superuser = True
    user.save()
    return Browser(user)
