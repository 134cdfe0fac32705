"""Checks of the settings, wherever the project runs. None of them calls a server or the database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.db import connections, router
from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string
from rest_framework.authentication import TokenAuthentication

from permabots.addresses import PROCESSING
from permabots.conf import config_at_start, get_config, problems
from permabots.database import alias
from permabots.exceptions import ConfigurationError
from permabots.models.registry import providers
from permabots.providers.base.contract import Provider
from permabots.providers.base.facts import SHARED_OPTIONS


@register("permabots")
def check_settings(**_: Any) -> list[CheckMessage]:
    """Check that ``settings.PERMABOTS`` can be used, and that its providers can be loaded."""
    raw = getattr(settings, "PERMABOTS", {})
    if found := problems(raw):
        return [Error(f"settings.PERMABOTS: {problem}.", id="permabots.E001") for problem in found]
    try:
        used = providers().values()
    except ConfigurationError as error:
        return [Error(f"settings.PERMABOTS['PROVIDERS']: {error}.", id="permabots.E002")]
    missing: list[CheckMessage] = [
        Error(
            f"settings.PERMABOTS['PROVIDERS']: {provider.name} keeps its accounts in {provider.model}, whose app is "
            "not installed.",
            hint="Add the app of the provider to INSTALLED_APPS.",
            id="permabots.E002",
        )
        for provider in used
        if not is_installed(provider)
    ]
    names = {f"{it.slug}_{name}".upper() for it in used for name in (*it.default_options, *SHARED_OPTIONS)}
    return missing + _unread(names)


def usable_providers() -> list[Provider]:
    """Return the providers whose tables are installed; none where the settings cannot be used (`check_settings`)."""
    try:
        return [provider for provider in providers().values() if is_installed(provider)]
    except ConfigurationError:
        return []


def is_installed(provider: Provider) -> bool:
    """Return whether the app with the table of a provider's accounts is installed."""
    try:
        apps.get_model(provider.model)
    except LookupError:
        return False
    return True


def _unread(read: Collection[str]) -> list[CheckMessage]:
    return [
        Warning(f"settings.PERMABOTS['{name}'] is read by no provider.", id="permabots.W004")
        for name in get_config().provider_options
        if name not in read
    ]


@register("permabots")
def check_time(**_: Any) -> list[CheckMessage]:
    """Check that times are stored in UTC: they are compared with the database's clock, and local time repeats hours."""
    errors: list[CheckMessage] = []
    if not settings.USE_TZ and not _is_utc(settings.TIME_ZONE):
        errors.append(
            Error(
                f"USE_TZ is False and TIME_ZONE is {settings.TIME_ZONE!r}: moments would be hours apart.",
                hint="Set USE_TZ = True (Django's default), or TIME_ZONE = 'UTC'.",
                id="permabots.E005",
            )
        )
    database = connections.settings[alias()]
    zone = database.get("TIME_ZONE")
    if settings.USE_TZ and zone and not _is_utc(zone) and not str(database.get("ENGINE")).endswith(_KEEPS_ZONES):
        errors.append(
            Error(
                f"DATABASES[{alias()!r}]['TIME_ZONE'] is {zone!r}: moments would be hours apart.",
                hint="Leave it out: then the database keeps UTC.",
                id="permabots.E005",
            )
        )
    return errors


_KEEPS_ZONES = ("postgresql", "postgis")
"""The ends of the engines of databases that store times with a time zone."""


def _is_utc(name: str) -> bool:
    """Whether a time zone is UTC, in summer and in winter."""
    zone = ZoneInfo(name)
    return not any(datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (1, 7))


@register("permabots")
def check_routers(**_: Any) -> list[CheckMessage]:
    """Check that all rows are in one database, and are read where they are written: a replica may lack a new lease."""
    ours = alias()
    return [
        Error(
            f"The database routers send {model.__name__} to {used!r} and Bot to {ours!r}: one database is needed.",
            hint="Have them name one alias for the app label of each table of permabots, for reading and for writing.",
            id="permabots.E006",
        )
        for model in (*apps.get_app_config("permabots").get_models(), *_accounts())
        for used in sorted({router.db_for_read(model), router.db_for_write(model)} - {ours})
    ]


def _accounts() -> list[type[Model]]:
    """Return the tables of accounts that other apps bring."""
    tables = [apps.get_model(provider.model) for provider in usable_providers()]
    return [model for model in tables if model._meta.app_label != "permabots"]


@register("permabots")
def check_authentication(**_: Any) -> list[CheckMessage]:
    """Check that the authentication classes can be imported and used."""
    errors: list[CheckMessage] = []
    for path in config_at_start().api_authentication_classes:
        try:
            scheme = import_string(path)
        except ImportError as error:
            errors.append(Error(f"PERMABOTS['API_AUTHENTICATION_CLASSES']: {error}.", id="permabots.E007"))
            continue
        token = isinstance(scheme, type) and issubclass(scheme, TokenAuthentication) and scheme.model is None
        if token and not apps.is_installed("rest_framework.authtoken"):
            errors.append(
                Error(
                    f"PERMABOTS['API_AUTHENTICATION_CLASSES'] has {path} without rest_framework.authtoken installed.",
                    hint="Add it to INSTALLED_APPS, or name another way for callers to show who they are.",
                    id="permabots.E007",
                )
            )
    return errors


@register("permabots")
def check_answering_here(**_: Any) -> list[CheckMessage]:
    """Check that web chats are answered by workers, where a project is not being developed."""
    if settings.DEBUG or not config_at_start().webchat_answer_here:
        return []
    return [
        Warning(
            "PERMABOTS['WEBCHAT_ANSWER_HERE'] is on without DEBUG: web processes answer web chats beside their "
            "requests, and an answer that is interrupted waits until its lease runs out.",
            hint="Leave it out and start a worker.",
            id="permabots.W016",
        )
    ]


@register("permabots")
def check_urls(**_: Any) -> list[CheckMessage]:
    """Check that the project's URLs have the webhooks: connecting an account needs their address."""
    try:
        reverse(f"{PROCESSING}:hook", kwargs={"key": "key"})
    except NoReverseMatch:
        return [
            Warning(
                "permabots.urls_processing is not in the project's URLs, or not under the namespace 'permabots': no "
                "account can be connected.",
                hint='path("processing/", include("permabots.urls_processing", namespace="permabots"))',
                id="permabots.W012",
            )
        ]
    return []
