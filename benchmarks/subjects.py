"""What a part measures in turn: this checkout, another one, the yardstick."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.installation import BotAddress, Installation, Tree, installed
from benchmarks.options import Options
from benchmarks.stand import Servers
from demo.site import Site

YARDSTICK = "yardstick"
PROJECT = "benchmarks.yardstick"
PLAIN_HANDLERS = 10
"""The patterns of the yardstick, and the handlers of a bot that is compared with it."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One of them.

    Args:
        name: for people.
        site: its installation.
        bots: by the number of their handlers.
    """

    name: str
    site: Installation
    bots: dict[int, BotAddress]

    @property
    def is_yardstick(self) -> bool:
        """Whether there is no permabots in it."""
        return self.name == YARDSTICK


def subjects(servers: Servers, options: Options, handlers: Iterable[int] = (PLAIN_HANDLERS,)) -> list[Subject]:
    """Make all installations that are asked for, with their bots.

    Args:
        servers: what they work on.
        options: what is asked for.
        handlers: of each bot that is needed.
    """
    made: list[Subject] = []
    trees = [] if list(options.parts) == ["yardsticks"] else options.trees
    for tree in trees:
        site = installed(servers, tree)
        with site.at_work():
            made.append(Subject(tree.name, site, {count: site.make_bot(count) for count in sorted(set(handlers))}))
    if "yardsticks" in options.parts:
        made.append(Subject(YARDSTICK, _yardstick(servers), {PLAIN_HANDLERS: BotAddress("", "/webhook/", "")}))
    return made


def _yardstick(servers: Servers) -> Installation:
    servers.postgres.dropdb(YARDSTICK)  # several parts may share the servers
    variables = {**servers.environment(servers.postgres.createdb(YARDSTICK)), "LOG_LEVEL": "WARNING"}
    site = Site(servers.folder / YARDSTICK, variables, project=PROJECT)
    site.manage("migrate", "--run-syncdb", "--verbosity", "0")
    return Installation(servers, Tree(YARDSTICK), site)
