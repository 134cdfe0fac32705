"""The database of a chaos run."""

from __future__ import annotations

import time
from collections.abc import Mapping

from tests.chaos.disk import Disk
from tests.servers import Postgres, ServerFailed
from tests.servers.process import START_TIMEOUT


class DurablePostgres(Postgres):
    """Keeps what it has committed when it crashes, as a database in use does; that of the tests may forget it.

    Args:
        environment: variables for it.
        own_disk: whether its data is on a disk that can be full (`tests.chaos.disk.can_mount`).
    """

    read_only = False
    """Whether it refuses every write, from its next start on."""

    def __init__(self, environment: Mapping[str, str] | None = None, *, own_disk: bool = False) -> None:
        super().__init__()
        self.environment = environment or {}
        self._own_disk = own_disk
        self.disk = Disk(self.data)

    def prepare(self) -> None:
        if self._own_disk:
            self.disk.mount(self.user)
        super().prepare()

    def command(self) -> list[str]:
        refuse = ["--default-transaction-read-only=on"] if self.read_only else []
        return [*super().command(), "--synchronous-commit=on", "--max-wal-size=256MB", *refuse]

    def recover(self) -> None:
        """Wait until it answers again after something that may have ended it; where it has ended, start it.

        Raises:
            ServerFailed: it does not answer.
        """
        end = time.monotonic() + START_TIMEOUT
        while time.monotonic() < end:
            if self._process is None or self._process.poll() is not None:
                self._end()
                self.start()
            if self.ready():
                return
            time.sleep(0.05)
        raise ServerFailed("PostgreSQL does not come back")

    def close(self) -> None:
        self.stop()
        self.disk.unmount()
        super().close()
