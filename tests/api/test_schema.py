"""The schema of the API: valid, whole, and served with a page that needs no other server."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator

from permabots.models import Bot
from permabots.models.registry import providers
from permabots.pipeline.authoring.integrations import model_of
from permabots.serializers.integration import integration_serializer
from permabots.views.api import openapi
from tests.api.conftest import ROOT, Api
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
        assert operation["security"] == [{"apiToken": []}, {"tokenAuth": []}], name


def test_every_change_of_a_row_takes_the_version_it_counts_on_and_may_be_refused_for_it(schema: Any) -> None:
    changes = {"put", "patch", "delete"}
    for name, operation in operations(schema).items():
        headers = [part["name"] for part in operation["parameters"] if part["in"] == "header"] if "{" in name else []
        changed = operation["responses"].get("412", {}).get("content", {}).get("application/json", {}).get("schema")
        wanted = name.split()[0] in changes
        assert headers == (["If-Match"] if wanted else []), name
        assert changed == ({"$ref": "#/components/schemas/Changed"} if wanted else None), name


def test_every_answer_of_one_row_has_its_version(schema: Any) -> None:
    tagged = {
        operation["operationId"].rpartition("_")[2]
        for operation in operations(schema).values()
        if any("ETag" in answer.get("headers", {}) for answer in operation["responses"].values())
    }
    assert tagged == {"create", "retrieve", "update"}


def test_what_may_collide_has_its_409(schema: Any) -> None:
    names = [name for name, operation in operations(schema).items() if "409" in operation["responses"]]
    chats = [f"/bots/{{bot_id}}/chatstates/{slug}/{{id}}/" for slug in providers()]
    retries = ["messages/{message_id}", "hooks/{hook_id}/deliveries/{delivery_id}"]
    assert set(names) == {f"{method} {chat}" for chat in chats for method in ("put", "patch")} | {
        f"post /bots/{{bot_id}}/{retry}/retry/" for retry in retries
    }


def test_the_page_needs_no_other_server() -> None:
    page = Client().get(f"{ROOT}docs/").content.decode()
    assert "../schema/" in page
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert sources
    for source in sources:
        assert finders.find(source.removeprefix("/static/")), source


def test_a_project_without_the_extra_has_the_api_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openapi, "find_spec", lambda name: None)
    assert openapi.documentation(ROUTES) == []


def test_a_project_that_does_not_serve_the_page_has_the_schema(settings: Any) -> None:
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if not app.startswith("drf_spectacular")]
    assert [route.name for route in openapi.documentation(ROUTES)] == ["schema"]


def plain(schema: Any, part: Any) -> Any:
    """A part of the schema as JSON schema: references followed, null allowed where it is."""
    if isinstance(part, list):
        return [plain(schema, item) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        return {} if name == "FieldErrors" else plain(schema, schema["components"]["schemas"][name])
    found = {key: plain(schema, value) for key, value in part.items() if key not in {"nullable", "readOnly", "example"}}
    return {"anyOf": [found, {"type": "null"}]} if part.get("nullable") else found


def examples(operation: Any) -> list[Any]:
    """The bodies that an operation shows."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return [example["value"] for example in content.get("examples", {}).values()]


def test_the_bodies_that_are_shown_fit_their_forms(schema: Any) -> None:
    for name, operation in operations(schema).items():
        for example in examples(operation):
            form = plain(schema, operation["requestBody"]["content"]["application/json"]["schema"])
            problems = [error.message for error in Draft202012Validator(form).iter_errors(example)]
            assert problems == [], (name, example)


def bodies(schema: Any) -> dict[str, Any]:
    """The body that an address shows for making something, where it shows one."""
    return {
        name.removeprefix("post /"): example
        for name, operation in operations(schema).items()
        for example in examples(operation)
        if name.startswith("post")
    }


@pytest.mark.django_db
def test_what_the_examples_show_is_taken(schema: Any, api: Api, bot: Bot) -> None:
    accounts = {f"bots/{{bot_id}}/{slug}/" for slug in providers()}
    shown = {path: body for path, body in bodies(schema).items() if path not in accounts}
    assert {path.rstrip("/").rpartition("/")[2] for path in shown} == {
        *("document", "handlers", "hooks", "simulate", "tests", "tokens")
    }
    for path, body in shown.items():
        answer = api.post(path.replace("{bot_id}", str(bot.pk)), body)
        assert answer.status_code in {200, 201}, (path, body, answer.content)


@pytest.mark.django_db
def test_what_the_example_shows_of_an_account_has_the_form_of_its_credentials(schema: Any) -> None:
    form = integration_serializer(model_of("telegram"))(data=bodies(schema)["bots/{bot_id}/telegram/"])
    assert form.is_valid(), form.errors


def test_no_answer_says_that_it_cannot_be_given_in_another_form(schema: Any) -> None:
    assert not [name for name, operation in operations(schema).items() if "406" in operation["responses"]]
