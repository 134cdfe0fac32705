"""Runs the stand-in API of a bot's author as a process."""

from __future__ import annotations

import argparse

from permabots.testing.process import serve
from permabots.testing.user_api.server import UserApiServer


def main() -> None:
    """Serve until a signal ends it."""
    parser = argparse.ArgumentParser(description="A stand-in for a bot author's API on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0, help="0 for a free one; the URL is the first line printed")
    serve(UserApiServer(parser.parse_args().port))


if __name__ == "__main__":
    main()
