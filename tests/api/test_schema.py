"""The schema of the API: valid, whole, and served with a page that needs no other server."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from permabots.views.api import documentation
from tests.api.conftest import ROOT
from tests.api.world import ROUTES

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def schema() -> Any:
    GENERATOR_STATS.reset()
    return Client().get(f"{ROOT}schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()


def operations(schema: Any) -> dict[str, Any]:
    return {
        f"{method} {path}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


def test_it_is_valid_and_made_without_a_warning(schema: Any) -> None:
    validate_schema(schema)
    assert not GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache


def test_every_route_is_in_it_with_its_methods(schema: Any) -> None:
    wanted = {}
    for route in ROUTES:
        actions = getattr(route.callback, "actions", None) or {
            method: method for method in METHODS if hasattr(route.callback.view_class, method)
        }
        wanted["/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(route.pattern))] = set(actions) & METHODS
    assert {path: set(methods) for path, methods in schema["paths"].items()} == wanted


def test_addresses_begin_where_the_project_has_the_api(schema: Any) -> None:
    assert schema["servers"] == [{"url": ROOT.rstrip("/")}]


def test_every_operation_has_a_summary_of_its_own(schema: Any) -> None:
    found = operations(schema)
    assert all(operation["summary"] for operation in found.values())
    assert not [name for name, operation in found.items() if "Attributes:" in operation["description"]]
    ids = [operation["operationId"] for operation in found.values()]
    assert len(set(ids)) == len(ids)


def test_every_operation_has_its_errors(schema: Any) -> None:
    for name, operation in operations(schema).items():
        wanted = (
            {"401", "405"} | ({"404"} if "{" in name else set()) | ({"400"} if "requestBody" in operation else set())
        )
        assert wanted <= set(operation["responses"]), name
        assert operation["security"] == [{"tokenAuth": []}], name


def test_the_page_needs_no_other_server() -> None:
    page = Client().get(f"{ROOT}docs/").content.decode()
    assert "../schema/" in page
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert sources
    for source in sources:
        assert finders.find(source.removeprefix("/static/")), source


def test_a_project_without_the_extra_has_the_api_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documentation, "find_spec", lambda name: None)
    assert documentation.documentation(ROUTES) == []


def test_a_project_that_does_not_serve_the_page_has_the_schema(settings: Any) -> None:
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if not app.startswith("drf_spectacular")]
    assert [route.name for route in documentation.documentation(ROUTES)] == ["schema"]
