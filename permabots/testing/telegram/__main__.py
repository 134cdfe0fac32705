"""Runs the stand-in Telegram as a process."""

from __future__ import annotations

import argparse
from pathlib import Path

from permabots.testing.process import serve
from permabots.testing.telegram.server import TelegramServer


def main() -> None:
    """Serve until a signal ends it; ``--help`` names the options."""
    parser = argparse.ArgumentParser(description="A stand-in for Telegram's Bot API on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0, help="0 for a free one; the URL is the first line printed")
    parser.add_argument("--state", type=Path, help="a file in which bots and chats are kept over restarts")
    parser.add_argument("--deliver-to", default="", help="scheme, host and port in place of every webhook's own")
    parser.add_argument("--time-scale", type=float, default=1.0, help="real seconds in one second of Telegram's")
    parser.add_argument("--webhook-timeout", type=float, default=60.0, help="real seconds to wait for a webhook")
    parser.add_argument("--seed", type=int, default=0, help="of every draw")
    parser.add_argument("--flood-seconds", type=int, default=3, help="the retry_after of chat 429429")
    parser.add_argument("--any-reply", action="store_true", help="take replies to messages never seen here")
    options = parser.parse_args()
    serve(
        TelegramServer(
            options.port,
            time_scale=options.time_scale,
            deliver_to=options.deliver_to,
            webhook_timeout=options.webhook_timeout,
            seed=options.seed,
            flood_seconds=options.flood_seconds,
            check_replies=not options.any_reply,
            state=options.state,
        )
    )


if __name__ == "__main__":
    main()
