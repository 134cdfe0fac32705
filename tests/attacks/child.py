"""``python -m tests.attacks.child module:function [--thread]``: evaluates what it is sent, a line of JSON at a time."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any


def main(where: str, *options: str) -> None:
    """Answer each line of standard input with a line: what the function makes of it."""
    module, _, name = where.partition(":")
    function = getattr(import_module(module), name)
    with ThreadPoolExecutor(1) as pool:
        for line in sys.stdin:
            asked: Any = json.loads(line)
            found = pool.submit(function, asked).result() if "--thread" in options else function(asked)
            print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
