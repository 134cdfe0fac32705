"""A project that has drf-spectacular for an API of its own."""

from __future__ import annotations

from pathlib import Path

from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import include, path
from drf_spectacular.openapi import AutoSchema
from rest_framework.generics import ListAPIView
from rest_framework.serializers import CharField, Serializer


class Greeting(Serializer):
    text = CharField()


class Greetings(ListAPIView):
    """A view of the host's."""

    serializer_class = Greeting
    schema = AutoSchema()


urlpatterns = [path("greetings/", Greetings.as_view()), path("", include("tests.urls"))]


@override_settings(ROOT_URLCONF="tests.hosts.test_schema")
def test_a_hosts_schema_has_its_own_views_and_nothing_to_complain_of(tmp_path: Path) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))
    written = (tmp_path / "schema.yml").read_text()
    assert "/greetings/" in written
    assert "/bots/" not in written


@override_settings(ROOT_URLCONF="tests.hosts.test_schema")
def test_the_api_still_describes_itself(client: Client) -> None:
    headers = {"Accept": "application/vnd.oai.openapi+json"}
    assert "/bots/" in client.get("/permabots/api/schema/", headers=headers).json()["paths"]
