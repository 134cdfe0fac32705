"""The tables: one line is one hostile input, or several of one kind."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
NUMBER = "§"
"""In a repeated piece, stands for how often it was there before."""

Pieces = Any
"""A text, or a list of texts and of ``[pieces, count]``: the pieces so many times."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A hostile input.

    Args:
        room: the name of its table.
        name: its kind and its own, between them a slash: unique in its room.
        kind: what sort of input it is; each room has its own.
        fault: what it tries: a word of `FAULTS`.
        source: the input itself.
        message: what a person writes to the bot; templates see it as ``pattern.x``.
        data: what the author's API answers, or what is posted to the hook: the JSON as it goes over the wire.
        env: the bot's own variables.
        never: texts that may not be in anything that leaves; after ``=`` those that nothing that leaves may be.
    """

    room: str
    name: str
    kind: str
    fault: str
    source: str
    message: str = "go"
    data: str = ""
    env: Mapping[str, str] | None = None
    never: tuple[str, ...] = ()

    def filled(self, words: Mapping[str, str]) -> Entry:
        """Return the entry with its words in capitals between ``@`` replaced by what they stand for here."""
        texts = {name: getattr(self, name) for name in ("source", "message", "data")}
        env = {key: _filled(value, words) for key, value in (self.env or {}).items()}
        never = tuple(_filled(text, words) for text in self.never)
        return replace(self, **{name: _filled(text, words) for name, text in texts.items()}, env=env, never=never)


FAULTS = {
    "reach": "get at what is not the template's: code, secrets, the process",
    "leave": "a value leaves the place it stands in",
    "time": "run long",
    "memory": "take memory",
    "compile": "run long or take memory before anything is rendered",
    "crash": "end the process",
    "error": "raise what nobody catches",
}


def read(room: str, folder: Path = FOLDER) -> list[Entry]:
    """Return a room's entries, in the order of their lines.

    Raises:
        ValueError: an entry is not well-formed, or its name is there twice (which is no TOML).
    """
    with (folder / f"{room}.toml").open("rb") as file:
        tables = tomllib.load(file)
    return [
        entry
        for kind, table in tables.items()
        for name, line in table.items()
        for entry in _line(room, kind, name, line)
    ]


def text_of(pieces: Pieces) -> str:
    """Return the text that pieces are the short form of.

    Raises:
        ValueError: they are not of that form.
    """
    match pieces:
        case str():
            return pieces
        case [part, int(count)]:
            once = text_of(part)
            return "".join(once.replace(NUMBER, str(n)) for n in range(count)) if NUMBER in once else once * count
        case list():
            return "".join(map(text_of, pieces))
    raise ValueError(f"{pieces!r:.80} is neither a text nor a list of texts and [text, count]")


def _line(room: str, kind: str, name: str, line: Mapping[str, Any]) -> Iterator[Entry]:
    """Read one line: an entry, or one for each of its sources."""
    values = dict(line)
    if "each" not in values:
        yield _entry(room, kind, name, values)
        return
    for number, source in enumerate(values.pop("each"), 1):
        yield _entry(room, kind, f"{name}.{number}", {**values, "source": source})


def _entry(room: str, kind: str, name: str, values: Mapping[str, Any]) -> Entry:
    name, never = f"{kind}/{name}", values.get("never", [])
    try:
        texts = {key: text_of(values[key]) for key in ("source", "message", "data") if key in values}
        unwanted = tuple([never] if isinstance(never, str) else never)
        entry = Entry(room, name, kind, **{**values, **texts, "never": unwanted})
    except (TypeError, ValueError) as error:
        raise ValueError(f"{room}, {name}: {error}") from error
    if entry.fault not in FAULTS:
        raise ValueError(f"{room}, {name}: there is no fault {entry.fault!r}")
    return entry


def _filled(text: str, words: Mapping[str, str]) -> str:
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    return text
