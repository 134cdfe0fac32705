"""The form of a handler as a browser sends it."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot, Handler
from tests.admin.conftest import Browser
from tests.factories import make_handler

API = {"url_template": "http://api/{{ env.k }}", "method": "Post", "data": {"a": ["{{ pattern.x }}"]}}


def rows(name: str, *values: tuple[str, str], ids: Any = (), gone: Any = ()) -> dict[str, Any]:
    """Return a formset as a browser sends it: rows that are there come first, with their ids."""
    form = {f"{name}-TOTAL_FORMS": len(values), f"{name}-INITIAL_FORMS": len(ids)}
    for place, (key, value) in enumerate(values):
        form |= {f"{name}-{place}-key": key, f"{name}-{place}-value_template": value}
        form |= {f"{name}-{place}-id": ids[place]} if place < len(ids) else {}
        form |= {f"{name}-{place}-DELETE": "on"} if place in gone else {}
    return form


def form(**values: Any) -> dict[str, Any]:
    """Return a handler's form as a browser sends it."""
    plain = {"name": "greeting", "pattern": "hello", "priority": 0, "enabled": "on", "method": "Get"}
    parts = {**rows("urlparam"), **rows("headerparam")}
    return {**plain, "text_template": "Hi", "keyboard_template": "", "url_template": "", "data": "", **parts, **values}


@pytest.fixture
def handler(bot: Bot) -> Handler:
    parameters = [{"key": "k", "value_template": "v"}, {"key": "l", "value_template": "w"}]
    return make_handler(bot, request={**API, "url_parameters": parameters, "header_parameters": parameters[:1]})


def browser_sends(browser: Browser, handler: Handler) -> dict[str, Any]:
    """Return what the form of a handler holds, as a browser would send it back."""
    context = browser.get("handler_change", handler.pk).context
    formsets = [inline.formset for inline in context["inline_admin_formsets"]]
    forms = [context["adminform"].form, *(form for formset in formsets for form in formset.forms)]
    forms += [formset.management_form for formset in formsets]
    sent = {field.html_name: field.value() for form in forms for field in form}
    return {name: value for name, value in sent.items() if value is not None and value is not False}
