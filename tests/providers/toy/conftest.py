"""A project that has Toy: installed as a host does it, in the middle of the tests, and taken away again."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module, reload
from typing import Any

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings as project
from django.contrib import admin
from django.core.management import call_command
from django.test import override_settings
from django.urls import clear_url_caches

from permabots.admin.integrations import register
from permabots.conf import DEFAULT_PROVIDERS
from permabots.models import Bot
from permabots.pipeline.authoring.integrations import attach
from tests.factories import make_bot
from tests.toy.server import ToyServer

APP = "tests.toy"
PROVIDERS = [*DEFAULT_PROVIDERS, "tests.toy.provider.Toy"]
KEY = "good-key-1"
URLS = ("permabots.urls_processing", "permabots.urls_api", "tests.urls")
"""In the order in which they include each other: a project builds them once, when it starts."""


@pytest.fixture(scope="module")
def installed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Toy's app in INSTALLED_APPS, its table migrated, its provider in the settings."""
    with override_settings(INSTALLED_APPS=[*project.INSTALLED_APPS, APP], PERMABOTS={"PROVIDERS": PROVIDERS}):
        apps.clear_cache()  # a project's models know all their relations from the start
        with django_db_blocker.unblock():
            call_command("migrate", "toy", verbosity=0)
        register(admin.site)
        build_urls()
        yield
        admin.site.unregister(apps.get_model("toy.ToyBot"))
        with django_db_blocker.unblock():
            call_command("migrate", "toy", "zero", verbosity=0)
    build_urls()


def build_urls() -> None:
    for name in URLS:
        reload(import_module(name))
    clear_url_caches()


@pytest.fixture
def toy(installed: None, live_server: Any, settings: Any) -> Iterator[ToyServer]:
    """A stand-in Toy that the settings point to. Tasks run at once, inside of the webhook's call."""
    current_app.conf.task_always_eager = True
    with ToyServer() as server:
        settings.PERMABOTS = {"PROVIDERS": PROVIDERS, "TOY_API_URL": server.url, "WEBHOOK_DOMAIN": live_server.url}
        yield server
    current_app.conf.task_always_eager = False


@pytest.fixture
def bot(toy: ToyServer) -> Bot:
    """A bot with an account at Toy."""
    bot = make_bot()
    attach(bot, "toy", {"key": KEY})
    return Bot.objects.get(pk=bot.pk)
