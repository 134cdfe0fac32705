"""Compiled bots: kept in the process by bot and revision, so that nothing is compiled per message."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from uuid import UUID

from permabots.conf import Config, get_config
from permabots.engine.definitions import BotDefinition
from permabots.engine.turn import CompiledBot
from permabots.engine.turn_values import EngineLimits
from permabots.models import Bot

_kept: OrderedDict[UUID, CompiledBot] = OrderedDict()
_lock = Lock()


def compiled(bot: Bot) -> CompiledBot:
    """Return the bot compiled at its revision (read with the lease, so a change anywhere is seen by the next message).

    The rows are read after the revision was: they may be newer than it, never older, and then the next message
    compiles once more.
    """
    with _lock:
        found = _kept.get(bot.pk)
        if found is not None and found.definition.revision == bot.revision:
            _kept.move_to_end(bot.pk)
            return found
    config = get_config()
    fresh = CompiledBot(bot.definition(), engine_limits(config))
    with _lock:
        _kept[bot.pk] = fresh
        _kept.move_to_end(bot.pk)
        while len(_kept) > config.compiled_bots:
            _kept.popitem(last=False)
    return fresh


def without_handlers(bot: Bot) -> CompiledBot:
    """Return the bot as far as its hooks need it: in few steps, however many handlers it has."""
    variables = tuple(variable.definition() for variable in bot.env_vars.all())
    definition = BotDefinition(str(bot.pk), bot.revision, variables=variables)
    return CompiledBot(definition, engine_limits(get_config()))


def forget() -> None:
    """Compile every bot anew. For tests and benchmarks: a new process begins like this."""
    with _lock:
        _kept.clear()


def engine_limits(config: Config) -> EngineLimits:
    """Return the engine's limits as the settings have them."""
    return EngineLimits(config.match_timeout, config.render_timeout, config.render_max_chars)
