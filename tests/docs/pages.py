"""Reading the pages of the documentation: their code blocks and tables, for the tests that hold them to be true."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.rst"))

_BLOCK = re.compile(r"^\.\. code-block:: (\w+)\n((?:   :\w+: .*\n)*)\n((?:(?:   .*)?\n)+)", re.MULTILINE)
_CELL = re.compile(r"^     -", re.MULTILINE)
_ROW = re.compile(r"^   \* -", re.MULTILINE)
_LITERAL = re.compile(r"``(.+?)``(?!`)")


@dataclass(frozen=True)
class Block:
    """A code block: its page, its language, its name ("" for none) and its text."""

    page: str
    language: str
    name: str
    text: str


@cache
def page(name: str) -> str:
    """Return the source of a page."""
    return (DOCS / f"{name}.rst").read_text()


def _blocks(path: Path) -> Iterator[Block]:
    for found in _BLOCK.finditer(path.read_text() + "\n"):
        name = re.search(r":name: (\S+)", found[2])
        yield Block(path.stem, found[1], name[1] if name else "", textwrap.dedent(found[3]).strip("\n"))


BLOCKS = [block for path in [*PAGES, ROOT / "README.rst"] for block in _blocks(path)]
"""Every ``.. code-block::`` of the documentation and the README."""


def block(page_name: str, name: str) -> str:
    """Return the text of a named block."""
    (found,) = (block.text for block in BLOCKS if (block.page, block.name) == (page_name, name))
    return found


def table(page_name: str, name: str) -> list[list[str]]:
    """Return the rows of a ``list-table`` without its header, each cell in one line."""
    source = re.search(rf":name: {name}\n\n((?:(?:   .*)?\n)+)", page(page_name) + "\n")
    assert source, f"{page_name}.rst has no table {name}"
    _, _header, *rows = _ROW.split(source[1])
    assert rows, f"the table {name} of {page_name}.rst is empty"
    return [[" ".join(cell.split()) for cell in _CELL.split(row)] for row in rows]


def literals(cell: str) -> list[str]:
    """Return what stands between double backticks."""
    return _LITERAL.findall(cell)


def words(page_name: str, name: str) -> set[str]:
    """Return the literals in the first column of a table."""
    return {word for row in table(page_name, name) for word in literals(row[0])}
