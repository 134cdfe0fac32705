"""The contexts of templates: the names they can read, with their values."""

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
    """Return the context of a handler's templates; ``response`` is {} until a request was answered.

    Args:
        service: the provider's slug.
        message: the incoming message as its provider shapes it for templates.
        contexts: the contexts that earlier states of the chat stored, by the states' keys.
        pattern: the named groups of the handler's pattern, None for a group that did not take part in the match.
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
    """Return the context of a hook's templates.

    Args:
        data: the JSON that was posted to the hook.
        env: the bot's variables.
    """
    return {"env": env, "data": data, "emoji": EMOJI}
