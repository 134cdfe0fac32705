"""Run the tests.

python runtests.py                        all of them
python runtests.py tests.engine           a folder, a module, a class or a test, by its dotted name
python runtests.py --sqlite tests.engine  on SQLite instead of PostgreSQL and Redis
python runtests.py tests.engine -x -n 2   whatever else is given goes to pytest, whose help is `pytest --help`
"""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent


def node(name: str) -> str:
    """Turn ``tests.test_bot.TestName.test_method`` into pytest's ``tests/test_bot.py::TestName::test_method``."""
    words = name.split(".")
    if ROOT.joinpath(*words).is_dir():
        return "/".join(words)
    for count in range(len(words), 1, -1):
        module = "/".join(words[:count]) + ".py"
        if (ROOT / module).is_file():
            return "::".join([module, *words[count:]])
    sys.exit(f"runtests.py: there is no {name}")


def main(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    os.chdir(ROOT)
    words = ["--ds=tests.settings_sqlite" if word == "--sqlite" else word for word in arguments]
    return pytest.main([node(word) if word.startswith("tests.") else word for word in words])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
