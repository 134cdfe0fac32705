"""``python -m tests.servers``: both servers until Ctrl-C, for trying things by hand."""

from __future__ import annotations

import contextlib
import signal

from tests.servers import Postgres, Redis


def main() -> None:
    """Start both servers, print the environment that reaches them, and wait."""
    with Postgres() as postgres, Redis() as redis, contextlib.suppress(KeyboardInterrupt):
        print(f"DATABASE_URL={postgres.createdb('permabots')}")
        print(f"CELERY_BROKER_URL={redis.url}", flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
