"""Who may open the page of a chat that is not public, and who is signed by a site."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.contrib.auth.models import Permission

from permabots.models import WebBot, WebVisitor
from permabots.pipeline.web_chat.identity import sign
from tests.admin.conftest import make_staff
from tests.web_chat.talking import make_chat
from tests.web_chat.test_page import Reader, shown

pytestmark = pytest.mark.django_db
SECRET = "a secret that only the site knows"


def make(**values: Any) -> WebBot:
    """A chat whose site may sign people."""
    row = make_chat()
    for name, value in {"identity": "optional", "identity_secret": SECRET, **values}.items():
        setattr(row, name, value)
    row.save()
    return row


def signed(chat: WebBot, person: str = "ann", secret: str = SECRET, lasts: float = 600) -> str:
    content = {"id": person, "name": person.title(), "exp": time.time() + lasts}
    return sign(chat.slug, secret, json.dumps(content).encode())


def test_a_chat_that_is_not_public_is_no_page_to_strangers() -> None:
    answer = Reader(make(public=False)).open()
    assert answer.status_code == 404
    assert "There is no such chat." in answer.content.decode()


def test_strangers_post_nothing_to_it() -> None:
    assert Reader(make(public=False)).send(text="hello").status_code == 404
    assert not WebVisitor.objects.exists()


def test_a_signature_in_an_address_opens_it_for_nobody() -> None:
    chat = make(public=False)
    assert Reader(chat).open(f"?identity={signed(chat)}").status_code == 404


def test_its_greeting_is_for_those_who_may_talk() -> None:
    assert (
        "Welcome inside" not in Reader(make(public=False, greeting="Welcome inside")).open("?frame=1").content.decode()
    )


def test_it_is_open_in_the_frame_of_its_site() -> None:
    assert Reader(make(public=False)).open("?frame=1").status_code == 200


def test_its_author_may_try_it() -> None:
    chat = make(public=False)
    author = chat.bot.owner
    author.is_staff = True
    author.save()
    author.user_permissions.set(Permission.objects.filter(content_type__app_label="permabots"))
    reader = Reader(chat)
    reader.client.force_login(author)
    assert reader.open().status_code == 200
    assert reader.send(text="hello").status_code == 302


def test_staff_who_may_not_see_its_bot_may_not_open_it() -> None:
    reader = Reader(make(public=False))
    reader.client.force_login(make_staff("author"))
    assert reader.open().status_code == 404


def test_an_identity_in_an_address_says_nothing_about_who_is_there() -> None:
    chat = make()
    reader = Reader(chat)
    reader.send(text="mine")
    page = reader.open(f"?identity={signed(chat)}").content.decode()
    assert shown(page) == ["mine"]
    assert Reader(chat).send(text="hello", identity=signed(chat)).status_code == 302
    assert not WebVisitor.objects.filter(chat_id__startswith="i:").exists()


def test_who_is_unsigned_is_refused_where_everybody_must_be_signed() -> None:
    answer = Reader(make(identity="required")).send(text="hello")
    assert answer.status_code == 401
    assert "must sign you in" in answer.content.decode()
    assert ">hello</textarea>" in answer.content.decode()
