"""The program that posts to the bot's hook in a run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence

import requests
from rest_framework.authtoken.models import Token

from permabots.models import Bot, Recipient
from permabots.pipeline.authoring.configuration import create_hook
from tests.chaos.accounting.bot import NEWS
from tests.chaos.accounting.posts import Post
from tests.chaos.machine import Machine
from tests.chaos.room import Room

GIVE_UP = 60.0
"""Seconds for which a post is made again and again."""


class Poster(threading.Thread):
    """Posts one thing after another, each again and again until it is answered with 200.

    Args:
        machine: where.
        room: where it is noted.
        bot: whose hook, which is made for this.
        chats: whom the hook tells.
        posts: what is posted, each when so many messages have been said.
    """

    def __init__(
        self, machine: Machine, room: Room, bot: Bot, chats: Sequence[int], posts: Iterable[Post] = ()
    ) -> None:
        super().__init__(name="poster", daemon=True)
        self._room = room
        self._chats = chats
        self._posts = posts
        self.hook = hook = create_hook(bot, {"name": "news", "response": {"text_template": NEWS}})
        Recipient.objects.bulk_create(
            Recipient(hook=hook, provider="telegram", chat_id=str(chat), name=f"person {chat}") for chat in chats
        )
        token, _ = Token.objects.get_or_create(user=bot.owner)
        self._headers = {"Authorization": f"Token {token.key}"}
        self._url = f"{machine.site.url}/processing/hook/{hook.key}/"

    def run(self) -> None:
        for post in self._posts:
            self._room.wait_for_said(post.after)
            self.post(post)

    def post(self, post: Post) -> None:
        """Post one thing."""
        self._room.post(post, self._chats)
        body = {"number": post.number, "poison": post.poison}
        headers = {**self._headers, "Idempotency-Key": str(post.number)}
        end = time.monotonic() + GIVE_UP
        while not self._taken(body, headers) and time.monotonic() < end:
            time.sleep(0.2)

    def _taken(self, body: dict[str, object], headers: dict[str, str]) -> bool:
        """Whether the hook says that it has a post; a web server that is away, or whose database is, does not."""
        try:
            return requests.post(self._url, json=body, headers=headers, timeout=10).status_code == 200
        except requests.RequestException:
            return False
