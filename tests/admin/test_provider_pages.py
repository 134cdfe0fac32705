"""Each provider in use has a page in the admin, and none that cannot be used stops it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin import AdminSite

from permabots.admin import integrations
from permabots.admin.integrations import IntegrationAdmin
from permabots.models import KikBot, TelegramBot
from permabots.models.registry import model_of, providers

pytestmark = [pytest.mark.django_db(transaction=True)]


class Elsewhere(type(providers()["kik"])):  # type: ignore[misc] # whichever class the registry has
    """A provider of another package."""


def test_each_provider_in_use_has_a_page() -> None:
    tables = {model_of(slug) for slug in providers()}
    assert all(isinstance(admin.site.get_model_admin(table), IntegrationAdmin) for table in tables)


def test_a_provider_of_another_package_gets_its_page_for_nothing(settings: Any) -> None:
    settings.PERMABOTS = {"PROVIDERS": [f"{__name__}.Elsewhere"]}
    site = AdminSite()
    integrations.register(site)
    assert list(site._registry) == [KikBot]
    assert not site.get_model_admin(KikBot).check()


def test_a_page_that_a_package_brings_itself_stays(settings: Any) -> None:
    site = AdminSite()
    site.register(TelegramBot)
    integrations.register(site)
    assert not isinstance(site.get_model_admin(TelegramBot), IntegrationAdmin)


def test_providers_that_cannot_be_used_have_no_page_and_stop_nothing(settings: Any) -> None:
    settings.PERMABOTS = {"PROVIDERS": ["nowhere.Provider"]}
    site = AdminSite()
    integrations.register(site)
    assert not site._registry
