"""System checks of what a project needs on the internet: ``check --deploy``."""

from __future__ import annotations

from typing import Any

import pytest
from celery import current_app
from celery.signals import setup_logging
from cryptography.fernet import Fernet
from django.db import connection

from permabots.checks.deployment import check_celery
from permabots.models import TelegramBot
from tests.factories import make_bot
from tests.test_checks import ids

KEY = Fernet.generate_key().decode()
GOOD: dict[str, Any] = {
    "PERMABOTS": {
        "WEBHOOK_DOMAIN": "bots.example.com",
        "METRICS_TOKEN": "secret",
        "ENCRYPTION_KEYS": [KEY],
        "WEBCHAT_TRUSTED_PROXIES": 1,
    },
    "ALLOWED_HOSTS": ["bots.example.com"],
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
    "STATIC_ROOT": "/srv/static",
    "REST_FRAMEWORK": {"NUM_PROXIES": 1},
}


@pytest.fixture(autouse=True)
def _good(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project in which all is well."""
    for name, value in GOOD.items():
        setattr(settings, name, value)
    monkeypatch.setitem(current_app.conf, "CELERY_DB_REUSE_MAX", 100)
    monkeypatch.setitem(current_app.conf, "broker_url", "amqp://127.0.0.1")
    monkeypatch.setitem(current_app.conf, "worker_prefetch_multiplier", 1)


def deploy() -> list[str]:
    return [found for found in ids(deploy=True) if found not in {"permabots.I001", "permabots.W001"}]


def test_a_good_project_has_nothing_to_hear() -> None:
    assert deploy() == []


@pytest.mark.parametrize("hosts", [[], ["example.com"], ["www.bots.example.com"], ["BOTS.example.org"]])
def test_hosts_that_do_not_have_the_webhooks_domain(settings: Any, hosts: list[str]) -> None:
    settings.ALLOWED_HOSTS = hosts
    assert deploy() == ["permabots.W006"]


@pytest.mark.parametrize("domain", ["bots.example.com:8443", "https://bots.example.com/", "BOTS.example.com"])
@pytest.mark.parametrize("hosts", [["*"], [".example.com"], ["Bots.Example.Com"]])
def test_hosts_that_have_it(settings: Any, domain: str, hosts: list[str]) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "WEBHOOK_DOMAIN": domain}
    settings.ALLOWED_HOSTS = hosts
    assert deploy() == []


def test_the_domain_by_its_old_name_is_looked_for_too(settings: Any) -> None:
    settings.PERMABOTS = {"METRICS_TOKEN": "secret", "ENCRYPTION_KEYS": [KEY], "WEBCHAT_TRUSTED_PROXIES": 1}
    settings.MICROBOT_WEBHOOK_DOMAIN = "old.example.com"
    assert deploy() == ["permabots.W006"]


def test_a_proxy_that_does_not_say_https(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = None
    assert deploy() == ["permabots.W007"]
    settings.SECURE_SSL_REDIRECT = True
    assert deploy() == ["permabots.W007", "permabots.W007"]


@pytest.mark.parametrize(
    "origin", ["https://bots.example.com", "https://*.example.com", "https://bots.example.com:8443"]
)
def test_forms_from_a_trusted_origin_are_taken(settings: Any, origin: str) -> None:
    settings.SECURE_PROXY_SSL_HEADER = None
    settings.CSRF_TRUSTED_ORIGINS = [origin]
    assert deploy() == []


@pytest.mark.parametrize(("multiplier", "said"), [(4, "fetches 4 tasks"), (0, "fetches any number of tasks")])
def test_a_worker_that_fetches_tasks_ahead(monkeypatch: pytest.MonkeyPatch, multiplier: int, said: str) -> None:
    monkeypatch.setitem(current_app.conf, "worker_prefetch_multiplier", multiplier)
    assert deploy() == ["permabots.W015"]
    (warning,) = check_celery()
    assert said in warning.msg


def test_static_files_that_are_collected_nowhere(settings: Any) -> None:
    settings.STATIC_ROOT = None
    assert deploy() == ["permabots.W008"]


@pytest.mark.parametrize("limits", [{"address": None, "wrong_token": None, "schema": None}, None])
def test_addresses_that_callers_choose(settings: Any, limits: Any) -> None:
    settings.REST_FRAMEWORK = {}
    assert deploy() == ["permabots.W014"]
    settings.PERMABOTS = {**settings.PERMABOTS, "API_THROTTLES": limits}
    assert deploy() == []


def test_networks_that_are_allowed_where_addresses_are_not_known(settings: Any) -> None:
    networks = {"TELEGRAM_ALLOWED_NETWORKS": "149.154.160.0/20", "API_THROTTLES": None}
    settings.PERMABOTS = {**settings.PERMABOTS, **networks}
    assert deploy() == []
    settings.REST_FRAMEWORK = {}
    assert deploy() == ["permabots.W014"]


def test_metrics_that_everybody_may_read(settings: Any) -> None:
    settings.PERMABOTS = {
        "WEBHOOK_DOMAIN": "bots.example.com",
        "METRICS_PUBLIC": True,
        "ENCRYPTION_KEYS": [KEY],
        "WEBCHAT_TRUSTED_PROXIES": 1,
    }
    assert deploy() == ["permabots.W009"]


def test_metrics_that_nobody_may_read(settings: Any) -> None:
    settings.PERMABOTS = {"WEBHOOK_DOMAIN": "bots.example.com", "ENCRYPTION_KEYS": [KEY], "WEBCHAT_TRUSTED_PROXIES": 1}
    assert deploy() == ["permabots.I002"]
    settings.ROOT_URLCONF = "permabots.urls_health"
    assert "permabots.I002" not in deploy()


@pytest.mark.parametrize("url", ["", "memory://"])
def test_no_broker_that_a_worker_hears(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setitem(current_app.conf, "broker_url", url)
    assert deploy() == ["permabots.W010"]


def test_a_log_that_celery_replaces_in_the_workers(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LOGGING = {"formatters": {"json": {"()": "permabots.logs.JsonFormatter"}}}
    monkeypatch.setattr(setup_logging, "receivers", [])
    assert deploy() == ["permabots.W011"]
    monkeypatch.setitem(current_app.conf, "worker_hijack_root_logger", False)
    assert deploy() == []


def test_credentials_whose_key_comes_from_another_secret(settings: Any) -> None:
    settings.PERMABOTS = {**GOOD["PERMABOTS"], "ENCRYPTION_KEYS": []}
    assert deploy() == ["permabots.W013"]
    settings.DEBUG = True
    assert deploy() == []


@pytest.mark.django_db
def test_secrets_whose_key_is_gone(settings: Any) -> None:
    make_bot(telegram_bot=TelegramBot.objects.create(token="4242:token"))
    assert "permabots.E008" not in ids(deploy=True, databases=["default"])
    settings.PERMABOTS = {**GOOD["PERMABOTS"], "ENCRYPTION_KEYS": [Fernet.generate_key().decode()]}
    assert ids(deploy=True, databases=["default"]).count("permabots.E008") == 1
    assert ids(databases=["default"]) == [], "migrations run all the same"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("level", "found"), [("READ COMMITTED", []), ("REPEATABLE READ", ["permabots.E009"])])
def test_a_database_whose_transactions_do_not_see_what_was_committed_meanwhile(level: str, found: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET default_transaction_isolation = '{level}'")
    assert ids(databases=["default"]) == found
    connection.close()
