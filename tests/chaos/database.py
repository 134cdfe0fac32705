"""The database of a chaos run."""

from __future__ import annotations

from tests.servers import Postgres


class DurablePostgres(Postgres):
    """Keeps what it has committed when it crashes, as a database in use does; that of the tests may forget it."""

    def command(self) -> list[str]:
        return [*super().command(), "--synchronous-commit=on"]
