"""The page of the guarantees tells what there is."""

from __future__ import annotations

from argparse import _SubParsersAction

import pytest
from django.core.management import load_command_class

from permabots.testing.chaos.script import Fault
from tests.chaos.switches import BUGS
from tests.docs.pages import words


def test_every_fault_is_told() -> None:
    assert words("guarantees", "faults") == {fault.value for fault in Fault}


def test_every_planted_bug_is_told() -> None:
    assert words("guarantees", "bugs") == set(BUGS)


@pytest.mark.parametrize("action", ["account", "drive"])
def test_every_option_of_the_command_is_told(action: str) -> None:
    parser = load_command_class("permabots", "permabots_chaos").create_parser("manage.py", "permabots_chaos")
    (actions,) = (part for part in parser._actions if isinstance(part, _SubParsersAction))
    options = {option for part in actions.choices[action]._actions for option in part.option_strings}
    assert words("guarantees", action) == {option for option in options if option.startswith("--")} - COMMON


COMMON = {
    *("--help", "--version", "--verbosity", "--settings", "--pythonpath", "--traceback", "--no-color"),
    *("--force-color", "--skip-checks"),
}
"""What every command of Django has."""
