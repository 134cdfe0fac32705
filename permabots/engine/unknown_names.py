"""Names that templates read and that no context has: typing errors, which would render as empty text."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from permabots.engine.definitions import HandlerDefinition, HookDefinition
from permabots.engine.templates import names_read
from permabots.engine.templates.emoji import EMOJI
from permabots.engine.templates.tables.functions import FUNCTIONS
from permabots.exceptions import DefinitionError
from permabots.nearest_names import NearestNames
from permabots.values import Json

HANDLER = frozenset({"service", "state_context", "pattern", "env", "message", "emoji", "response"})
"""The names of `permabots.engine.context.turn_context`."""
HOOK = frozenset({"env", "data", "emoji", "recipient"})
"""The names of `permabots.engine.context.hook_context`, and ``recipient``."""


def of_handler(handler: HandlerDefinition, keys: Collection[str]) -> list[str]:
    """Return one sentence for each unknown name that a handler's templates read.

    Args:
        handler: the handler.
        keys: the keys of the bot's variables.
    """
    sources = [handler.response.text_template, handler.response.keyboard_template]
    if (request := handler.request) is not None:
        parameters = (*request.url_parameters, *request.header_parameters)
        sources += [request.url_template, *(it.value_template for it in parameters), *_texts(request.data)]
    groups = _groups(handler.pattern)
    return _sentences(sources, HANDLER, keys, groups, asks=request is not None)


def of_hook(hook: HookDefinition, keys: Collection[str]) -> list[str]:
    """Return one sentence for each unknown name that a hook's templates read.

    Args:
        hook: the hook.
        keys: the keys of the bot's variables.
    """
    sources = [hook.response.text_template, hook.response.keyboard_template, hook.recipients_template]
    return _sentences(sources, HOOK, keys, None, asks=True)


def of_key(key: str) -> str:
    """Say how templates read a variable whose key is not an identifier; "" for a key that is one."""
    if key.isidentifier():
        return ""
    return f"Templates read this variable as {_written(key)}: env.{key} is something else."


def _sentences(
    sources: list[str], given: Collection[str], keys: Collection[str], groups: Collection[str] | None, *, asks: bool
) -> list[str]:
    near = [NearestNames(names) for names in (given, keys, groups or ())]
    problems = _Problems(given, keys, groups, asks, *near)
    sentences: dict[tuple[str, str], str] = {}
    paths = [path for source in sources for path in _read(source)]
    for path in sorted(paths, key=lambda path: -path.count(".")):  # the longest path first: it names the problem best
        name, _, rest = path.partition(".")
        part = "" if name not in given else rest.partition(".")[0]
        if (name, part) not in sentences and (problem := problems.of(name, rest)):
            sentences[name, part] = f"{path} is read by a template, {problem}"
    return list(sentences.values())


@dataclass(frozen=True, slots=True)
class _Problems:
    """The names that a template can read.

    Args:
        given: the names of the context.
        keys: the keys of the bot's variables.
        groups: the named groups of the pattern; None where they are unknown.
        asks: whether ``response`` has values.
        near_given: finds what a misspelt name of the context means.
        near_keys: the same for variables.
        near_groups: the same for groups.
    """

    given: Collection[str]
    keys: Collection[str]
    groups: Collection[str] | None
    asks: bool
    near_given: NearestNames
    near_keys: NearestNames
    near_groups: NearestNames

    def of(self, name: str, rest: str) -> str:
        """Say why a name has no value, "" where it may have one."""
        if name not in self.given:
            return "" if name in FUNCTIONS else f"and nothing gives it.{_nearest(name, self.near_given)}"
        return self._within(name, rest) if rest else ""

    def _within(self, name: str, rest: str) -> str:
        part = rest.partition(".")[0]
        if name == "env" and not any(rest == key or rest.startswith(f"{key}.") for key in self.keys):
            return f"and the bot has no such variable.{_meant(rest, self.keys, self.near_keys)}"
        if name == "pattern" and self.groups is not None and part not in self.groups:
            return f"and the pattern has no such group.{_nearest(part, self.near_groups)}"
        if name == "emoji" and part not in EMOJI:
            return "and there is no such emoji."
        return "and the handler makes no request." if name == "response" and not self.asks else ""


def _read(source: str) -> tuple[str, ...]:
    try:
        return names_read(source)
    except DefinitionError:  # the field's validator reports it
        return ()


def _texts(data: Json) -> Iterator[str]:
    """Yield the templates in a request's data."""
    if isinstance(data, str):
        yield data
        return
    for inner in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _texts(inner)


def _groups(pattern: str) -> Collection[str] | None:
    try:
        return re.compile(pattern).groupindex.keys()
    except re.error:
        return None


def _meant(rest: str, keys: Collection[str], near: NearestNames) -> str:
    """Name the variable that the author meant: Jinja reads ``env.api-url`` as ``env.api`` minus ``url``."""
    odd = [key for key in keys if not key.isidentifier() and re.split(r"\W", key)[0] == rest.partition(".")[0]]
    return f" The variable {odd[0]} is read as {_written(odd[0])}." if odd else _nearest(rest, near)


def _nearest(name: str, near: NearestNames) -> str:
    nearest = near.of(name)
    return f" The nearest is {nearest}." if nearest else ""


def _written(key: str) -> str:
    return f"env[{json.dumps(key, ensure_ascii=False)}]" if "'" in key else f"env['{key}']"
