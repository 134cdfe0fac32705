"""Runs the stand-in Telegram as a process."""

from __future__ import annotations

from pathlib import Path

from permabots.testing.process import messenger_options, serve
from permabots.testing.telegram.server import TelegramServer


def main() -> None:
    """Serve until a signal ends it; ``--help`` names the options."""
    parser = messenger_options("A stand-in for Telegram's Bot API on 127.0.0.1.", "Telegram's", 60.0)
    parser.add_argument("--state", type=Path, help="a file in which bots and chats are kept over restarts")
    parser.add_argument("--flood-seconds", type=int, default=3, help="the retry_after of chat 429429")
    about = "take replies to messages never seen here"
    parser.add_argument("--any-reply", action="store_false", dest="check_replies", help=about)
    serve(TelegramServer(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
