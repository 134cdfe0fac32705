"""The configuration of the documentation."""

import os
import sys
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings_sqlite")
django.setup()

from permabots import __version__  # noqa: E402 - the path to it is set above

project = "permabots"
author = "the permabots authors"
copyright = f"2026, {author}"
release = __version__
version = ".".join(release.split(".")[:2])

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
autodoc_member_order = "bysource"
autodoc_typehints = "description"

html_theme = "furo"
html_title = f"permabots {release}"
