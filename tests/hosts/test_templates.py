"""Admins that dress Django's own: our templates extend what Django documents, and only as it is meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib import admin

import permabots

FOLDER = Path(permabots.__file__).parent / "templates"
EXTENDS = re.compile(r'{% extends "(?P<name>[^"]+)" %}')
TEMPLATES = [
    (str(path.relative_to(FOLDER)), found["name"])
    for path in sorted(FOLDER.rglob("*.html"))
    if (found := EXTENDS.search(path.read_text()))
]


@pytest.mark.parametrize(("template", "extended"), TEMPLATES)
def test_a_page_without_djangos_form_extends_the_site_alone(template: str, extended: str) -> None:
    """The template of a form may ask for all that Django gives a form, and another admin's does."""
    forms = {getattr(page, "change_form_template", None) for page in admin.site._registry.values()}
    assert extended == ("admin/change_form.html" if template in forms else "admin/base_site.html")
