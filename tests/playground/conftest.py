"""The playground, opened by a bot's owner and by others."""

from __future__ import annotations

import pytest

from permabots.models import Bot
from tests.admin.conftest import Browser, bot, owner, root, stranger
from tests.factories import make_handler
from tests.pipeline.conftest import user_api
from tests.playground.talking import API, LONG, Talk

__all__ = ["bot", "owner", "root", "stranger", "user_api"]


@pytest.fixture
def talk(owner: Browser, bot: Bot) -> Talk:
    """With a bot of three states, a request, and a button that is too long for Telegram."""
    make_handler(
        bot, "^hello$", "<b>Hi</b> & <a href='{{ pattern.x|default(\"javascript:x\") }}'>you</a>", target_state="menu"
    )
    make_handler(bot, "^menu$", "Pick", source_states=["menu"], keyboard=f"[[('Go', '{LONG}'), 'no']]")
    make_handler(bot, "^site$", "Here", keyboard="[[('site', 'https://example.com/')]]")
    make_handler(bot, "^go (?P<what>x+)$", "{{ response.data.name }}", request=API, target_state="end")
    make_handler(bot, "^what$", "{{ state_context.menu.pattern.what|length }}", source_states=["end"])
    return Talk(owner, bot)
