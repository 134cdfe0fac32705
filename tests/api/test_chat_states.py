"""Which chat is in which state, and putting it into another."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot, ChatState, State
from tests.api.conftest import Api
from tests.factories import make_bot, make_conversation

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def path(bot: Bot, base: str) -> str:
    """A bot with two states, and chats of two people."""
    for name in ("Main Menu", "cart"):
        State.objects.create(bot=bot, name=name)
    make_conversation(bot, "501", "601")
    make_conversation(bot, "-502", "602")
    return base + "chatstates/telegram/"


def test_a_known_chat_is_put_into_a_state(api: Api, path: str) -> None:
    made = api.post(path, {"chat": 501, "user": "601", "state": {"name": "main menu"}}).json()
    assert (made["chat"], made["user"], made["state"]["name"]) == (501, 601, "Main Menu")
    assert api.get(path).json() == [made]
    assert api.get(f"{path}{made['id']}/").json() == made


@pytest.mark.parametrize("change", [{"chat": 503}, {"user": 603}, {"state": {"name": "none"}}, {"chat": -502}])
def test_an_unknown_chat_user_or_state_is_a_404(api: Api, path: str, change: dict[str, Any]) -> None:
    good = {"chat": 501, "user": 601, "state": {"name": "cart"}}
    assert api.post(path, {**good, **change}).status_code == 404
    made = api.post(path, good).json()
    assert api.put(f"{path}{made['id']}/", change).status_code == 404
    assert api.get(path).json() == [made]


def test_another_bots_state_is_a_404(api: Api, path: str) -> None:
    State.objects.create(bot=make_bot(), name="theirs")
    assert api.post(path, {"chat": 501, "user": 601, "state": {"name": "theirs"}}).status_code == 404


def test_a_chat_has_one_state(api: Api, path: str) -> None:
    body = {"chat": 501, "user": 601, "state": {"name": "cart"}}
    assert api.post(path, body).status_code == 201
    answer = api.post(path, body)
    assert (answer.status_code, list(answer.json())) == (400, ["chat"])


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_chat_is_put_into_another_state_and_remembers(api: Api, path: str, method: str) -> None:
    made = api.post(path, {"chat": 501, "user": 601, "state": {"name": "cart"}}).json()
    ChatState.objects.update(contexts={"_start": {"pattern": {}}})
    assert api(method, f"{path}{made['id']}/", {}).json()["state"] == made["state"]
    assert api(method, f"{path}{made['id']}/", {"state": {"name": "Main Menu"}}).json()["state"]["name"] == "Main Menu"
    assert ChatState.objects.get().contexts == {"_start": {"pattern": {}}}


def test_a_state_is_moved_to_another_known_chat_without_one(api: Api, path: str) -> None:
    first = api.post(path, {"chat": 501, "user": 601, "state": {"name": "cart"}}).json()
    moved = api.put(f"{path}{first['id']}/", {"chat": -502, "user": 602}).json()
    assert (moved["id"], moved["chat"]) == (first["id"], -502)
    api.post(path, {"chat": 501, "user": 601, "state": {"name": "cart"}})
    assert list(api.put(f"{path}{first['id']}/", {"chat": 501, "user": 601}).json()) == ["chat"]


@pytest.mark.parametrize(
    ("query", "chats"),
    [
        ("chat=501", [501]),
        ("chat=-502", [-502]),
        ("user=602", [-502]),
        ("state=cart", [-502]),
        ("state=main%20menu", [501]),
        ("state={cart}", [-502]),
        ("chat=501&state=cart", []),
        ("state=0b1c9d5e-52c0-4d5c-9a8e-6f5f0c1d2e3f", []),
        ("chat=%00", []),
        ("chat=x&unknown=y", []),
    ],
)
def test_chats_are_found_by_chat_user_and_state(api: Api, path: str, query: str, chats: list[int]) -> None:
    api.post(path, {"chat": 501, "user": 601, "state": {"name": "Main Menu"}})
    api.post(path, {"chat": -502, "user": 602, "state": {"name": "cart"}})
    query = query.format(cart=State.objects.get(name="cart").pk)
    assert [row["chat"] for row in api.get(f"{path}?{query}").json()] == chats


def test_a_deleted_chat_state_leaves_the_chat_and_the_state(api: Api, path: str, bot: Bot) -> None:
    made = api.post(path, {"chat": 501, "user": 601, "state": {"name": "cart"}}).json()
    assert api.delete(f"{path}{made['id']}/").status_code == 204
    assert (bot.conversations.count(), bot.states.count()) == (2, 2)
