"""System checks."""

from __future__ import annotations

from typing import Any

import pytest
from celery import current_app
from django.core.checks import run_checks
from django.db import connection, connections
from django.urls import include, path

from permabots import urls_processing
from permabots.models import Bot, InboundMessage, State
from permabots.pipeline.postgresql import execution

LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def ids(*, deploy: bool = False, databases: list[str] | None = None) -> list[str]:
    found = run_checks(tags=["permabots"], include_deployment_checks=deploy, databases=databases)
    return [str(message.id) for message in found]


@pytest.fixture
def celery_conf() -> Any:
    """Celery's settings, put back afterwards."""
    before = {name: current_app.conf.get(name) for name in ("CELERY_DB_REUSE_MAX", "broker_transport_options")}
    url = current_app.conf.broker_url
    yield current_app.conf
    current_app.conf.update(before, broker_url=url)


def test_good_settings_have_nothing_to_say(settings: Any) -> None:
    settings.PERMABOTS = {}
    assert ids() == []


@pytest.mark.parametrize("raw", [{"LEESE": 1}, {"LEASE": "x"}, ["LEASE"]])
def test_settings_that_cannot_be_read(settings: Any, raw: Any) -> None:
    settings.PERMABOTS = raw
    assert ids() == ["permabots.E001"]


def test_an_option_that_no_provider_reads(settings: Any) -> None:
    settings.PERMABOTS = {"TELEGRAM_APIURL": "http://127.0.0.1"}
    assert ids() == ["permabots.W004"]


def test_web_processes_that_answer_without_debug(settings: Any) -> None:
    settings.PERMABOTS = {"WEBCHAT_ANSWER_HERE": True}
    assert ids() == ["permabots.W016"]
    settings.DEBUG = True
    assert ids() == []


def test_a_provider_that_cannot_be_loaded(settings: Any) -> None:
    settings.PERMABOTS = {"PROVIDERS": ["nowhere.Provider"]}
    assert ids() == ["permabots.E002"]


def test_a_domain_that_providers_cannot_call(settings: Any) -> None:
    settings.PERMABOTS = {"WEBHOOK_DOMAIN": "http://bots.example.com"}
    assert "permabots.E003" in ids(deploy=True)


def test_a_cache_of_one_process(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CACHES = LOCAL
    monkeypatch.setattr(execution, "is_used", lambda: False)
    assert "permabots.W001" in ids(deploy=True)
    settings.PERMABOTS = {"API_THROTTLES": None}
    assert "permabots.W001" in ids(deploy=True)
    monkeypatch.setattr(execution, "is_used", lambda: True)  # there webhooks ask the database
    assert "permabots.W001" not in ids(deploy=True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, True),
        ({"server_side_binding": True}, True),
        ({"prepare_threshold": 5}, True),
        ({"server_side_binding": True, "prepare_threshold": 5}, False),
    ],
)
def test_statements_that_are_planned_anew(monkeypatch: pytest.MonkeyPatch, options: Any, said: bool) -> None:
    monkeypatch.setattr(execution, "is_used", lambda: True)
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    assert ("permabots.I001" in ids(deploy=True)) == said
    monkeypatch.setattr(execution, "is_used", lambda: False)
    assert "permabots.I001" not in ids(deploy=True)


def test_celery_that_closes_connections(celery_conf: Any) -> None:
    celery_conf["CELERY_DB_REUSE_MAX"] = None
    assert "permabots.W002" in ids(deploy=True)
    celery_conf["CELERY_DB_REUSE_MAX"] = 100
    assert "permabots.W002" not in ids(deploy=True)


def test_redis_that_gives_work_back_after_an_hour(celery_conf: Any) -> None:
    celery_conf.update(broker_url="redis://127.0.0.1", broker_transport_options={})
    assert "permabots.W003" in ids(deploy=True)
    celery_conf.update(broker_transport_options={"visibility_timeout": 120})
    assert "permabots.W003" not in ids(deploy=True)


@pytest.mark.django_db
def test_the_tables_of_another_permabots(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ids(databases=["default"]) == []
    monkeypatch.setattr(Bot._meta, "db_table", "permabots_state")
    assert ids(databases=["default"]) == ["permabots.E004"]


@pytest.mark.django_db
def test_a_database_that_is_not_migrated_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bot._meta, "db_table", "not_there_yet")
    assert ids(databases=["default"]) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE permabots_messengerbot DROP COLUMN paused_until",
        "ALTER TABLE permabots_bot DROP COLUMN name",
        "ALTER TABLE permabots_messengerbot RENAME TO permabots_messengerbot_of_tomorrow",
    ],
    ids=["column of an account", "column of a bot", "table"],
)
def test_a_table_that_is_not_yet_as_its_model_says_is_not_asked(change: str) -> None:
    """Checks run before migrations: what they ask for is about to be made."""
    with connection.cursor() as cursor:
        cursor.execute(change)
    assert ids(databases=["default"]) == []


@pytest.mark.parametrize("deploy", [False, True])
def test_checks_without_a_database_ask_none(deploy: bool) -> None:
    """``check`` and ``check --deploy`` run where a release is built, without any database."""
    ids(deploy=deploy)


def test_a_provider_whose_app_is_not_installed(settings: Any) -> None:
    settings.PERMABOTS = {"PROVIDERS": ["tests.toy.provider.Toy"]}
    assert ids() == ["permabots.E002"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"LEESE": 1}, "permabots.E001"),
        ({"PROVIDERS": ["nowhere.Provider"]}, "permabots.E002"),
        ({"PROVIDERS": ["tests.toy.provider.Toy"]}, "permabots.E002"),
        ({"TELEGRAM_ALLOWED_NETWORKS": "149.154.160.1/20"}, "permabots.E002"),
        ({"KIK_ALLOWED_NETWORKS": 7.5}, "permabots.E002"),
    ],
)
def test_settings_that_cannot_be_used_are_told_once_by_every_command(settings: Any, raw: Any, expected: str) -> None:
    settings.PERMABOTS = raw
    errors = [name for name in ids(deploy=True, databases=["default"]) if name.startswith("permabots.E")]
    assert errors == [expected]


@pytest.mark.parametrize("zone", ["UTC", "Etc/GMT", "Africa/Abidjan"])
def test_time_without_zone_is_all_right_where_local_time_is_utc(settings: Any, zone: str) -> None:
    settings.USE_TZ = False
    settings.TIME_ZONE = zone
    assert ids() == []


@pytest.mark.parametrize("zone", ["America/Chicago", "Asia/Tokyo", "Europe/London", "Pacific/Kiritimati"])
def test_time_without_zone_is_refused_where_local_time_is_another(settings: Any, zone: str) -> None:
    """London's is UTC in winter: what works until March is no better."""
    settings.USE_TZ = False
    settings.TIME_ZONE = zone
    assert ids() == ["permabots.E005"]


@pytest.mark.parametrize(
    ("engine", "expected"), [("sqlite3", ["permabots.E005"]), ("mysql", ["permabots.E005"]), ("postgresql", [])]
)
def test_a_database_that_keeps_local_time_is_refused(
    monkeypatch: pytest.MonkeyPatch, engine: str, expected: list[str]
) -> None:
    database = {"ENGINE": f"django.db.backends.{engine}", "TIME_ZONE": "Asia/Tokyo"}
    monkeypatch.setitem(connections.settings, "default", database)
    assert ids() == expected


def test_the_zone_of_a_database_of_somebody_elses_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    other = {"ENGINE": "django.db.backends.sqlite3", "TIME_ZONE": "Asia/Tokyo"}
    monkeypatch.setitem(connections.settings, "legacy", other)
    assert ids() == []


class Router:
    """Sends some models elsewhere."""

    def db_for_read(self, model: Any, **_: Any) -> str | None:
        return "replica" if model is State else None

    def db_for_write(self, model: Any, **_: Any) -> str | None:
        return "other" if model is InboundMessage else None


def test_tables_in_more_than_one_database_are_refused(settings: Any) -> None:
    settings.DATABASE_ROUTERS = ["tests.test_checks.Router"]
    found = run_checks(tags=["permabots"])
    assert {message.id for message in found} == {"permabots.E006"}
    assert "State to 'replica'" in found[0].msg + found[-1].msg
    assert "InboundMessage to 'other'" in found[0].msg + found[-1].msg


class Elsewhere:
    """Sends everything to one database that is not the default one."""

    def db_for_read(self, model: Any, **_: Any) -> str:
        return "main"

    db_for_write = db_for_read


def test_any_one_database_will_do(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections.settings, "main", connections.settings["default"])
    settings.DATABASE_ROUTERS = ["tests.test_checks.Elsewhere"]
    assert ids() == []


def test_tokens_without_their_app_are_refused(settings: Any) -> None:
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != "rest_framework.authtoken"]
    assert ids() == ["permabots.E007"]
    settings.PERMABOTS = {"API_AUTHENTICATION_CLASSES": ["rest_framework.authentication.BasicAuthentication"]}
    assert ids() == []


@pytest.mark.parametrize("name", ["nowhere.Authentication", "rest_framework.authentication.Nobody", "Nobody"])
def test_authentication_that_cannot_be_imported(settings: Any, name: str) -> None:
    settings.PERMABOTS = {"API_AUTHENTICATION_CLASSES": [name]}
    assert ids() == ["permabots.E007"]


@pytest.mark.parametrize("urls", ["tests.admin.urls_without_processing", "tests.test_checks"])
def test_webhooks_without_an_address(settings: Any, urls: str) -> None:
    settings.ROOT_URLCONF = urls
    assert ids() == ["permabots.W012"]


urlpatterns = [path("processing/", include((urls_processing.urlpatterns, "bots"), namespace="bots"))]
