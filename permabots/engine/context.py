"""What templates see."""

from __future__ import annotations

from collections.abc import Mapping

from permabots.engine.definitions import BotDefinition
from permabots.engine.templates.emoji import EMOJI
from permabots.values import Json


def environment(definition: BotDefinition) -> dict[str, str]:
    """Return the bot's variables by key."""
    return {variable.key: variable.value for variable in definition.variables}


def turn_context(
    service: str,
    message: Mapping[str, Json],
    contexts: Mapping[str, Json],
    pattern: Mapping[str, str | None],
    env: Mapping[str, str],
) -> dict[str, Json]:
    """Return what the templates of a handler see; ``response`` is {} until a request was answered.

    Args:
        service: the provider's slug.
        message: the incoming message as its provider shapes it for templates.
        contexts: what earlier states of the chat kept, by their keys.
        pattern: the named groups of the handler's pattern, None for one that took no part.
        env: the bot's variables.
    """
    return {
        "service": service,
        "state_context": contexts,
        "pattern": pattern,
        "env": env,
        "message": message,
        "emoji": EMOJI,
        "response": {},
    }


def hook_context(data: Json, env: Mapping[str, str]) -> dict[str, Json]:
    """Return what the templates of a notification hook see.

    Args:
        data: the JSON that was posted to it.
        env: the bot's variables.
    """
    return {"env": env, "data": data, "emoji": EMOJI}
