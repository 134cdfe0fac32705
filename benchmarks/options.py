"""The command line of ``python -m benchmarks``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.installation import ANY_NUMBER, Tree
from benchmarks.shapes import SHAPES
from demo.site import ROOT

RESULTS = ROOT / "benchmarks" / "RESULTS.md"
_began = time.monotonic()


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for.

    Args:
        parts: their names, in order.
        trees: the checkouts that are measured; the first is this one.
        rounds: how often each thing is measured.
        quick: little of everything, to see that it works.
        messages: of one saturated installation.
        seconds: of each talk at a rate.
        shapes: names of those of `benchmarks.shapes` that are measured; none for all.
        latencies: whether talks at a rate are measured end to end.
        polling: seconds for which the web chats of webchats are open; 0 for the part's own.
        folder: for logs; emptied first.
        json: the file for all figures; None for none.
        results: the file for the tables in Markdown; None for none.
        earlier: files of figures that were measured before; where there are some, nothing is measured.
    """

    parts: Sequence[str]
    trees: Sequence[Tree]
    rounds: int
    quick: bool
    messages: int
    seconds: float
    shapes: Sequence[str]
    latencies: bool
    polling: float
    folder: Path
    json: Path | None
    results: Path | None
    earlier: Sequence[Path]

    def say(self, text: str) -> None:
        """Tell the person who waits how far it is."""
        print(f"[{time.monotonic() - _began:5.0f} s] {text}", file=sys.stderr, flush=True)


def read(parts: Mapping[str, str], arguments: Sequence[str] | None = None) -> Options:
    """Read the command line.

    Args:
        parts: what each part measures, by its name.
        arguments: None for those of this process.
    """
    parser = _parser(parts)
    given = parser.parse_args(arguments)
    if wrong := [variable for variable in given.variables if "=" not in variable]:
        parser.error(f"no NAME=VALUE: {', '.join(wrong)}")
    if unknown := set(given.parts) - set(parts):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are: {', '.join(parts)}")
    trees = [Tree(variables=ANY_NUMBER)]
    if given.tree:
        trees.append(Tree("theirs", given.tree.absolute(), given.python or str(given.tree / ".venv/bin/python")))
    for variable in given.variables:
        trees.append(Tree(_subject(variable), variables={**ANY_NUMBER, **dict([variable.split("=", 1)])}))
    return Options(
        parts=given.parts or list(parts),
        trees=trees,
        rounds=given.rounds or (1 if given.quick else 5),
        quick=given.quick,
        messages=given.messages or (200 if given.quick else 1500),
        seconds=3.0 if given.quick else 20.0,
        shapes=given.shape,
        latencies=not given.no_latencies,
        polling=given.polling,
        folder=given.folder,
        json=given.json,
        results=given.results,
        earlier=given.earlier,
    )


def _parser(parts: Mapping[str, str]) -> argparse.ArgumentParser:
    lines = "\n".join(f"  {name:<12} {about}" for name, about in parts.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=f"Measures permabots on this machine. The parts:\n\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("parts", nargs="*", metavar="part", help="what to measure; default: all")
    add("--rounds", type=int, default=0, help="how often (default 5, with --quick 1)")
    add("--quick", action="store_true", help="little of everything, to see that it works")
    add("--messages", type=int, default=0, help="of one saturated installation (default 1500)")
    add("--shape", action="append", default=[], choices=list(SHAPES), help="of endtoend, may be repeated; default: all")
    add("--no-latencies", action="store_true", help="endtoend measures no talks at a rate")
    add("--polling", type=float, default=0.0, help="seconds for which the chats of webchats are open (default 60)")
    add("--tree", type=Path, help="another checkout; webhook, turn and endtoend measure it in turn with this one")
    add("--python", help="the interpreter of that checkout (default: its .venv)")
    add(
        "--with",
        dest="variables",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="the same parts measure this tree once more with this environment variable; may be repeated",
    )
    add("--json", type=Path, help="write all figures into a file")
    add("--results", type=Path, nargs="?", const=RESULTS, help=f"write the tables as Markdown (default {RESULTS.name})")
    add(
        "--from",
        dest="earlier",
        type=Path,
        action="append",
        default=[],
        help="measure nothing: take a file of --json",
    )
    add("--folder", type=Path, default=ROOT / ".state" / "bench", help="for logs; emptied first")
    return parser


def _subject(variable: str) -> str:
    """Return the name of what has a variable: its scheme stands for a URL, which may hold a password."""
    name, _, value = variable.partition("=")
    return f"{name}={value.split('://')[0]}"
