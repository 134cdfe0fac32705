"""What the pages are made of, and that a project without the admin does without them.

That no page has a script or style in it is checked wherever a test reads a page: `tests.admin.conftest.Browser`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib import admin

from permabots.models import Bot
from tests.docs.pages import words

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "permabots" / "templates" / "admin").rglob("*.html"))
STYLE = ROOT / "permabots" / "static" / "permabots" / "admin.css"
LARGEST_STYLE = 8_000
"""Bytes."""

WITHOUT_ADMIN = """
import sys, django
from django.conf import settings
apps = ["django.contrib.contenttypes", "django.contrib.auth", "rest_framework", "permabots"]
settings.configure(INSTALLED_APPS=apps, SECRET_KEY="x", USE_TZ=True)
django.setup()
import permabots.urls_api, permabots.tasks
print([name for name in sys.modules if name.startswith("permabots.admin")])
"""


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_fetches_nothing_from_elsewhere(path: Path) -> None:
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", path.read_text())


def test_colours_are_the_admins_own_and_the_style_is_small() -> None:
    style = STYLE.read_text()
    assert len(style.encode()) < LARGEST_STYLE
    assert not re.findall(r"#[0-9a-f]{3,8}\b|rgb|url\(", style.partition("*/")[2])


def test_a_project_without_the_admin_does_not_import_it() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_ADMIN], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


def test_every_action_on_bots_is_told_in_the_documentation() -> None:
    page = admin.site.get_model_admin(Bot)
    told = words("admin", "bot-actions")
    assert told == {str(getattr(page, str(name)).short_description) for name in page.actions}
