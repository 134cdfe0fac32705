"""The README's first section, followed on the working tree: all but what installs it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from demo.site import free_port
from tests.hosts.first_minute import FORBIDDEN
from tests.hosts.readme import ROOT, SERVER, Newcomer, Step, steps, talk

pytestmark = [pytest.mark.process, pytest.mark.timeout(180)]

INSTALLING = ("python3 -m venv", ". venv", "pip install")


def newcomer(folder: Path) -> Newcomer:
    """Somebody who has this working tree instead of an environment of their own."""
    others = ("PERMABOTS_", "DJANGO_", "COVERAGE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    programs = Path(sys.executable).parent
    return Newcomer(folder, {**kept, "PATH": f"{programs}:{kept['PATH']}", "PYTHONPATH": str(ROOT)})


def test_the_readme_leads_to_a_bot_that_talks_with_neither_worker_nor_broker(tmp_path: Path) -> None:
    somebody = newcomer(tmp_path)
    for step in steps():
        if step.text != SERVER and not step.text.startswith(INSTALLING):
            somebody.follow(step)
    log = tmp_path / "server.log"
    with somebody.serving(free_port(), log) as address:
        answer = talk(address, "hello")
    assert "Welcome to The Corner Café" in answer.text
    assert ("Espresso", "Flat white", "Tea") in answer.rows
    printed = log.read_text()
    assert not [word for word in FORBIDDEN if word in printed], printed


def test_the_readme_has_a_newcomer_do_this_and_no_more() -> None:
    assert [step.file or step.text for step in steps()] == [
        "python3 -m venv venv",
        ". venv/bin/activate",
        "pip install ./permabots",
        "django-admin startproject mysite",
        "cd mysite",
        "mysite/settings.py",
        "mysite/urls.py",
        "python manage.py migrate",
        "python manage.py permabots_example",
        SERVER,
    ]
    assert Step(steps()[5].text, "mysite/settings.py").text.count("\n") == 2
