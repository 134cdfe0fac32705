"""``python -m benchmarks.neighbours [attack...] [--seconds 20] [--rounds 3]``: what one author costs another one.

One author's bot is written to twice a second, and its author calls the API twice a second: by themselves at first, then
beside another author, who has a bot and an API token too and does one thing at full rate, then everything at once.
PostgreSQL, Redis, a web process with threads, a worker with 4 children; everything is set as it comes, but that APIs
on this machine may be called. The attacker is a process of its own, and so are the stand-ins.

For each attack it prints how many calls the attacker made and how many were refused (400, 413, 429), which part of a
core its process took for that, and how long the other author waited: for the API, and the people for an answer.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.installation import WEB_THREADS, Installation, Tree, installed
from benchmarks.neighbours.attacks import ATTACKS
from benchmarks.neighbours.authors import Authors, author_apis
from benchmarks.neighbours.measuring import Seen, measured
from benchmarks.neighbours.proxy import in_front_of
from benchmarks.stand import started
from demo.site import ROOT

FOLDER = ROOT / ".state" / "neighbours"
ALONE, ALL = "alone", "all together"
HEADER = (
    f"{'attack':14} {'calls':>7} {'refused':>7} {'503':>5} {'other':>5} {'CPU %':>5}  "
    f"{'API p95 ms':>10} {'x':>6}  {'answer p95 ms':>13} {'x':>6}  {'failed':>6} {'lost':>4}"
)


def main() -> int:
    """Measure; returns 1 where a message was lost."""
    options = read_options()
    shutil.rmtree(options.folder, ignore_errors=True)
    options.folder.mkdir(parents=True)
    with started(options.folder) as servers, author_apis() as apis:
        tree = Tree(
            variables={"PERMABOTS_MESSENGER_API_URL": apis.messenger, "PERMABOTS_REQUEST_ALLOWED_HOSTS": "127.0.0.1"}
        )
        site = installed(servers, tree, "neighbours")
        authors = Authors(site, apis)
        with site.at_work({}, **_processes(options)):
            authors.settle()
        with _front(site, options) as authors.port:
            rounds = [_round(authors, options) for _ in range(options.rounds)]
    say(f"\nMedians of {options.rounds}:\n\n{HEADER}")
    for name in rounds[0]:
        say(_line(name, [one[name] for one in rounds], [one[ALONE] for one in rounds]))
    lost = sum(seen.lost for one in rounds for seen in one.values())
    return 1 if lost else 0


def _processes(options: argparse.Namespace) -> Any:
    return {"web": options.web, "threads": options.threads, "workers": 1, "children": options.children}


def _front(site: Installation, options: argparse.Namespace) -> AbstractContextManager[int]:
    """Return the port at which the site is called."""
    port = site.site.port
    return in_front_of(port, options.folder / "proxy") if options.proxy else nullcontext(port)


def _round(authors: Authors, options: argparse.Namespace) -> dict[str, Seen]:
    """Measure everything once, each with processes of its own; what is left of an attack is thrown away."""
    found: dict[str, Seen] = {}
    together = [list(options.attacks)] if len(options.attacks) > 1 else []
    for attacks in [[], *([name] for name in options.attacks), *together]:
        name = ALL if len(attacks) > 1 else attacks[0] if attacks else ALONE
        with authors.site.at_work(
            {}, web=options.web, threads=options.threads, workers=1, children=options.children
        ) as work:
            found[name] = measured(authors, work, attacks, options.seconds)
        authors.forget()
        say(f"{HEADER}\n{_line(name, [found[name]], [found[ALONE]])}")
    return found


def _line(name: str, seen: Sequence[Seen], alone: Sequence[Seen]) -> str:
    def middle(values: Sequence[Seen], which: str) -> float:
        return float(median(getattr(one, which) for one in values))

    api, answer = middle(seen, "api_p95"), middle(seen, "answer_p95")
    ratios = api / middle(alone, "api_p95"), answer / middle(alone, "answer_p95")
    figures = [middle(seen, which) for which in ("calls", "refused", "unavailable", "other", "cpu_percent")]
    failed, lost = (sum(getattr(one, which) for one in seen) for which in ("failed", "lost"))
    return (
        f"{name:14} {figures[0]:7.0f} {figures[1]:7.0f} {figures[2]:5.0f} {figures[3]:5.0f} {figures[4]:5.0f}  "
        f"{api:10.0f} {ratios[0]:6.2f}  {answer:13.0f} {ratios[1]:6.2f}  {failed:6} {lost:4}"
    )


def read_options() -> argparse.Namespace:
    """Read the command line."""
    listed = "; ".join(f"{name}: {attack.words}" for name, attack in ATTACKS.items())
    parser = argparse.ArgumentParser(prog="python -m benchmarks.neighbours", description=__doc__, epilog=listed)
    parser.add_argument("attacks", nargs="*", help=f"of {', '.join(ATTACKS)}; default: all, then all together")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each attack")
    parser.add_argument("--rounds", type=int, default=3, help="medians of so many are printed")
    parser.add_argument("--web", type=int, default=1, help="processes of the web server")
    parser.add_argument("--threads", type=int, default=WEB_THREADS, help="of each process of the web server")
    parser.add_argument("--proxy", action="store_true", help="nginx in front, as docs/nginx/permabots.conf has it")
    parser.add_argument("--children", type=int, default=4, help="of the worker")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="for logs; emptied first")
    options = parser.parse_args()
    if unknown := set(options.attacks) - set(ATTACKS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    options.attacks = options.attacks or list(ATTACKS)
    return options


def say(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
