"""Runs the stand-in Kik as a process."""

from __future__ import annotations

from permabots.testing.kik.server import KikServer
from permabots.testing.process import messenger_options, serve, take_anybody


def main() -> None:
    """Serve until a signal ends it; ``--help`` names the options."""
    parser = messenger_options("A stand-in for Kik on 127.0.0.1.", "Kik's", 10.0)
    take_anybody(parser)
    serve(KikServer(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
