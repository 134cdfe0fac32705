"""The state of a chat, chosen in the admin."""

from __future__ import annotations

import pytest

from permabots.models import Bot, ChatState, Conversation, State
from tests.admin.conftest import Browser, errors
from tests.admin.world import World

pytestmark = [pytest.mark.django_db]


def test_a_chat_is_put_into_another_state_of_its_bot(owner: Browser, bot: Bot) -> None:
    world = World(bot)
    end = State.objects.create(bot=bot, name="end")
    owner.post("chatstate_change", world.chat_state.pk, state=end.pk)
    assert ChatState.objects.get().state == end


def test_a_chat_goes_into_no_state_of_another_bot(owner: Browser, bot: Bot) -> None:
    world = World(bot)
    foreign = State.objects.create(bot=Bot.objects.create(owner=bot.owner, name="other"), name="end")
    answer = owner.post("chatstate_change", world.chat_state.pk, state=foreign.pk)
    assert "state" in errors(answer)


def test_a_chat_without_its_state_begins_anew(owner: Browser, bot: Bot) -> None:
    world = World(bot)
    owner.post("chatstate_delete", world.chat_state.pk, post="yes")
    assert not ChatState.objects.exists()
    assert Conversation.objects.exists()
