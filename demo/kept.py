"""What ``make demo SERVE=1`` finds of the last time: an author's bots are not made anew because a computer was."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

from demo.site import ROOT, is_free

NAME = "kept.json"
MIGRATIONS = ROOT / "permabots" / "migrations"


def tables_version() -> str:
    """Return what tells one form of the tables from another: a migration may be written anew until it is released."""
    digest = sha256()
    for path in sorted(MIGRATIONS.glob("[0-9]*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Kept:
    """What is needed to go on in a folder.

    Args:
        version: of the tables of its database, see `tables_version`.
        password: of the user ``admin``, as it was made.
        ports: of the stand-ins, by their names: handlers and variables have their addresses.
    """

    version: str
    password: str
    ports: dict[str, int]

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Return what a folder holds; None where no demo was shown to its end."""
        path = folder / NAME
        return cls(**json.loads(path.read_text())) if path.exists() else None

    def write(self, folder: Path) -> None:
        """Keep it, for the user of this machine alone."""
        path = folder / NAME
        path.touch(0o600)
        path.write_text(json.dumps(asdict(self)))

    @property
    def is_usable(self) -> bool:
        """Whether the database has the tables of today."""
        return self.version == tables_version()


def port_of(kept: Kept | None, name: str) -> int:
    """Return the port that a stand-in had; 0, for any, where it had none or somebody else has it now."""
    port = kept.ports.get(name, 0) if kept is not None else 0
    return port if port and is_free(port) else 0
