"""Runs the stand-in Messenger as a process."""

from __future__ import annotations

from permabots.testing.messenger.server import MessengerServer
from permabots.testing.process import messenger_options, serve, take_anybody


def main() -> None:
    """Serve until a signal ends it; ``--help`` names the options."""
    parser = messenger_options("A stand-in for Facebook's Graph API and Messenger on 127.0.0.1.", "Facebook's", 5.0)
    take_anybody(parser)
    serve(MessengerServer(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
