"""What a project imports from `permabots.testing` before Django is set up."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import permabots.testing

PROGRAM = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"


def test_every_module_can_be_imported_before_django_is_set_up() -> None:
    found = pkgutil.walk_packages(permabots.testing.__path__, "permabots.testing.")
    names = [module.name for module in found if not module.name.endswith("__main__")]
    ran = subprocess.run([sys.executable, "-c", PROGRAM, *names], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-800:]
