"""``python -m tests.chaos``: proves that nothing is lost, nothing comes twice and all is in order, by breaking it."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import django

from demo.site import ROOT
from tests.chaos.accounting.account import settle
from tests.chaos.accounting.evidence import Evidence
from tests.chaos.accounting.posts import write_posts
from tests.chaos.accounting.report import lines, summary
from tests.chaos.accounting.script import Fault, write_script
from tests.chaos.clock import Clock, find_library
from tests.chaos.database import DurablePostgres
from tests.chaos.disk import can_mount
from tests.chaos.machine import SCENE_SETUP, Machine, Setup
from tests.chaos.switches import BUGS
from tests.servers import Redis
from tests.servers.redis import why_no_clock

DEFAULTS = Setup()


def main() -> int:
    """Run; returns 1 where a promise was broken."""
    options = read_options()
    wanted = Setup(
        lease=options.lease,
        workers=options.workers,
        children=options.children,
        pool=options.pool,
        window=options.window,
    )
    shutil.rmtree(options.folder, ignore_errors=True)
    options.faults = possible(options.faults)
    clocked, disk = Fault.CLOCK in options.faults, Fault.DISK in options.faults
    with tempfile.TemporaryDirectory(prefix="permabots-") as folder:
        clock = Clock(Path(folder)) if clocked else None
        variables = clock.variables() if clock is not None else {}
        with DurablePostgres(variables, own_disk=disk) as postgres, Redis(variables) as redis:
            setup = SCENE_SETUP if options.bug else wanted
            with Machine(postgres, redis, postgres.createdb("chaos"), options.folder, setup, clock) as machine:
                code = run(machine, options)
    if clock is not None:
        clock.tidy()
    return code


def possible(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """Return those of the faults that can be made here, and say which cannot."""
    impossible = {
        Fault.CLOCK: why_no_clock() if find_library() else "the wheel libfaketime is not installed",
        Fault.DISK: not can_mount() and "only root may give PostgreSQL a disk of its own",
    }
    reasons = {fault: reason for fault, reason in impossible.items() if reason and fault in faults}
    for fault, reason in reasons.items():
        say(f"Left out: {fault}, since {reason}.")
    return tuple(fault for fault in faults if fault not in reasons)


def run(machine: Machine, options: argparse.Namespace) -> int:
    """Start everything, play what is asked for and print the account."""
    os.environ.update(machine.site.variables())
    django.setup()
    from tests.chaos.run import connect, play  # noqa: PLC0415 - rows exist once Django is set up
    from tests.chaos.scenes import HARD_FOR, Stage  # noqa: PLC0415 - as above

    machine.site.manage("migrate", "--verbosity", "0")
    machine.start()
    bot = connect(machine)
    began = time.monotonic()
    if options.bug:
        say(f"The bug {options.bug!r} is planted, in a scene that is hard for it.")
        evidence = Stage(machine, bot).play(options.bug, [HARD_FOR[options.bug]])
    else:
        said = f"{options.messages} messages in {options.conversations} conversations"
        say(f"{said}, seed {options.seed}, {machine.setup}")
        script = write_script(options.messages, options.conversations, options.seed, options.faults)
        evidence = play(machine, bot, script, write_posts(script, options.faults), say)
    return tell(evidence, time.monotonic() - began, machine, options)


def tell(evidence: Evidence, seconds: float, machine: Machine, options: argparse.Namespace) -> int:
    """Print the account, and write its numbers where they are asked for; returns the exit status."""
    account = settle(evidence)
    say("\n".join(lines(account, evidence)))
    say(f"{seconds:.0f} s, {account.said / seconds:.1f} messages a second. Logs: {options.folder}")
    if options.json:
        run_as = {"messages": options.messages, "conversations": options.conversations, "seed": options.seed}
        numbers = {**run_as, "setup": asdict(machine.setup), "seconds": seconds, **summary(account, evidence)}
        options.json.write_text(json.dumps(numbers, indent=2) + "\n")
    return 0 if account.holds else 1


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("-n", "--messages", type=int, default=500)
    parser.add_argument("-m", "--conversations", type=int, default=100)
    parser.add_argument("-s", "--seed", type=int, default=1)
    parser.add_argument("--faults", type=_faults, default=tuple(Fault), help=f"of {', '.join(Fault)}; default: all")
    parser.add_argument("--lease", type=float, default=DEFAULTS.lease, help="seconds")
    parser.add_argument("--workers", type=int, default=DEFAULTS.workers)
    parser.add_argument("--children", type=int, default=DEFAULTS.children, help="of each worker")
    parser.add_argument("--pool", default=DEFAULTS.pool, choices=["prefork", "threads"])
    parser.add_argument("--window", type=int, default=DEFAULTS.window, help="messages that wait for answers at a time")
    parser.add_argument("--bug", default="", choices=BUGS, help="plant it, and play the scene that shows it")
    parser.add_argument("--folder", type=Path, default=ROOT / ".state" / "chaos", help="for logs; emptied first")
    parser.add_argument("--json", type=Path, help="a file for the numbers")
    return parser.parse_args()


def _faults(text: str) -> tuple[Fault, ...]:
    return tuple(Fault(word) for word in text.split(",") if word)


def say(line: str) -> None:
    """Print at once, also into a pipe."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
