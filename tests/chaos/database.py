"""The database of a chaos run."""

from __future__ import annotations

from tests.servers import Postgres


class DurablePostgres(Postgres):
    """Keeps what it has committed when it crashes, as a database in use does; that of the tests may forget it."""

    read_only = False
    """Whether it refuses every write, from its next start on."""

    def command(self) -> list[str]:
        refuse = ["--default-transaction-read-only=on"] if self.read_only else []
        return [*super().command(), "--synchronous-commit=on", *refuse]
