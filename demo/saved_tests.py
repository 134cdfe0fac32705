"""Two conversations that the demo's bot keeps as tests: an order, and what is not on the menu."""

from __future__ import annotations

from dataclasses import replace

from demo.shop import MENU
from permabots.engine.test_steps import StubResponse
from permabots.models import Bot, ConversationTest
from permabots.pipeline.authoring.conversation_tests import play
from permabots.pipeline.authoring.simulate import Question
from permabots.values import Kind

Step = tuple[Kind, str, StubResponse | None]
"""Whether it is written or pressed; what; and what the shop's API answers, None where it is not asked."""

WELCOME: Step = (Kind.TEXT, "/start", StubResponse(200, list(MENU.values())))
CONVERSATIONS: dict[str, tuple[str, tuple[Step, ...]]] = {
    "an order": (
        "telegram",
        (
            WELCOME,
            (Kind.BUTTON, "order flat_white", StubResponse(200, MENU["flat_white"])),
            (Kind.BUTTON, "Yes", StubResponse(201, {"number": 17, "item": "flat_white", "name": "Flat white"})),
        ),
    ),
    "not on the menu": (
        "messenger",
        (WELCOME, (Kind.TEXT, "order cake", StubResponse(404, {"detail": "not on the menu"}))),
    ),
}


def save_tests(bot: Bot) -> None:
    """Hold the conversations and keep them with their answers, as ``Save as test`` of the playground does."""
    for name, (provider, steps) in CONVERSATIONS.items():
        question, written = Question(provider, ""), []
        for kind, text, answer in steps:
            played = play(bot, replace(question, kind=kind, text=text, response=answer))
            question = played.after
            written.append(played.step.as_json())
        ConversationTest.objects.create(bot=bot, name=name, provider=provider, steps=written)
