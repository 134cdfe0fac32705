"""Runs the stand-in Kik as a process."""

from __future__ import annotations

import argparse

from permabots.testing.kik.server import KikServer
from permabots.testing.process import serve


def main() -> None:
    """Serve until a signal ends it; ``--help`` names the options."""
    parser = argparse.ArgumentParser(description="A stand-in for Kik on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0, help="0 for a free one; the URL is the first line printed")
    parser.add_argument("--deliver-to", default="", help="scheme, host and port in place of every webhook's own")
    parser.add_argument("--time-scale", type=float, default=1.0, help="real seconds in one second of Kik's")
    parser.add_argument("--webhook-timeout", type=float, default=10.0, help="real seconds to wait for a webhook")
    parser.add_argument("--anybody", action="store_true", help="take messages to people who never wrote")
    parser.add_argument("--seed", type=int, default=0, help="of every draw")
    options = parser.parse_args()
    serve(
        KikServer(
            options.port,
            time_scale=options.time_scale,
            deliver_to=options.deliver_to,
            webhook_timeout=options.webhook_timeout,
            check_people=not options.anybody,
            seed=options.seed,
        )
    )


if __name__ == "__main__":
    main()
