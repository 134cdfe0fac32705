"""``settings.PERMABOTS``: typed, defaulted, and what is wrong with it is said by name."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.test.utils import override_script_prefix
from rest_framework.authentication import BasicAuthentication

from demo.environment import permabots_settings
from permabots.addresses import webhook_base_url, webhook_url
from permabots.conf import Config, get_config, problems
from permabots.exceptions import ConfigurationError
from permabots.models.registry import providers


def test_nothing_set_gives_the_defaults(settings: Any) -> None:
    settings.PERMABOTS = {}
    assert get_config() == Config()


def test_values_are_read_and_lists_become_tuples(settings: Any) -> None:
    settings.PERMABOTS = {"REQUEST_ALLOWED_HOSTS": ["10.0.0.0/8"], "LEASE": 90}
    assert get_config().request_allowed_hosts == ("10.0.0.0/8",)
    assert get_config().lease == 90.0


def test_options_belong_to_the_provider_whose_name_they_begin_with(settings: Any) -> None:
    settings.PERMABOTS = {"TELEGRAM_API_URL": "http://t", "MESSENGER_API_VERSION": "v26.0"}
    assert get_config().options_of("telegram") == {"api_url": "http://t"}
    assert get_config().options_of("messenger") == {"api_version": "v26.0"}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"LEESE": 60}, "LEESE is no setting"),
        ({"SEND_TIMEOT": 3}, "SEND_TIMEOT is no setting"),
        ({"SEND_TIMEOT": "3"}, "SEND_TIMEOT is no setting"),
        ({"lease": 60}, "lease is no setting"),
        ({"LEASE": "60"}, "LEASE must be a number above 0"),
        ({"LEASE": 0}, "LEASE must be a number above 0"),
        ({"LEASE": True}, "LEASE must be a number above 0"),
        ({"LEASE": float("inf")}, "LEASE must be 31,536,000 seconds (a year) at most"),
        *(
            ({"SEND_ATTEMPTS": value}, "SEND_ATTEMPTS must be a whole number above 0")
            for value in (0, 1.5, "50", None, True)
        ),
        ({"WEBHOOK_RATE": -1}, "WEBHOOK_RATE must be 0 or a whole number above 0"),
        ({"RETENTION_DAYS": 1}, "RETENTION_DAYS must be 2 at least"),
        ({"RETENTION_DAYS": 10**9}, "RETENTION_DAYS must be 36,500 days at most"),
        ({"RETENTION_EVENT_DAYS": 36_501}, "RETENTION_EVENT_DAYS must be 36,500 days at most"),
        ({"WEBHOOK_MAX_EVENTS": 99}, "WEBHOOK_MAX_EVENTS (99) must not be less than WEBHOOK_NEW_EVENTS (100)"),
        ({"QUOTE_INCOMING": 1}, "QUOTE_INCOMING must be True or False"),
        ({"PROVIDERS": "permabots"}, "PROVIDERS must be a list of texts"),
        ({"PROVIDERS": [1]}, "PROVIDERS must be a list of texts"),
        *(
            ({key: None}, f"{key} must be a list of texts")
            for key in ("PROVIDERS", "API_AUTHENTICATION_CLASSES", "ENCRYPTION_KEYS", "REQUEST_ALLOWED_HOSTS")
        ),
        ({"REQUEST_ALLOWED_HOSTS": [BasicAuthentication]}, "REQUEST_ALLOWED_HOSTS must be a list of texts"),
        ({"API_AUTHENTICATION_CLASSES": []}, "API_AUTHENTICATION_CLASSES must name one at least"),
        *(({"TELEGRAM_RATE": value}, "TELEGRAM_RATE must be a text, a number, True or False") for value in ([1], None)),
        ({5: 1}, "5 is no setting"),
        *(
            ({"TELEGRAM_API_URL": value}, "TELEGRAM_API_URL must be an http or https URL")
            for value in ("", "api.telegram.org", "ftp://t", "http://", "http://t:99999", "http://t/?x", "http://t t")
        ),
        ({"METRICS_TOKEN": "  "}, "METRICS_TOKEN must be ASCII"),
        ({"METRICS_TOKEN": "a\nb"}, "METRICS_TOKEN must be ASCII"),
        ({"METRICS_TOKEN": "ключ"}, "METRICS_TOKEN must be ASCII"),
        ({"CONTENT_SECURITY_POLICY": "default-src 'self';\nimg-src *"}, "CONTENT_SECURITY_POLICY must be one line"),
        ({"CONTENT_SECURITY_POLICY": "default-src “self”"}, "CONTENT_SECURITY_POLICY must be one line"),
        ({"WEBHOOK_DOMAIN": 5}, "WEBHOOK_DOMAIN must be a text or None"),
        ({"REQUEST_ALLOWED_HOSTS": ["10.0.0.1/8"]}, "has host bits set"),
        *(
            ({"REQUEST_ALLOWED_HOSTS": ["a.example", host]}, "REQUEST_ALLOWED_HOSTS: item 1 is empty or has blanks")
            for host in ("", " b.example", "b.example\n", "10.0.0.0 /8")
        ),
        ({"ENCRYPTION_KEYS": ["A" * 43 + "=", "no key"]}, "ENCRYPTION_KEYS: item 1 is no Fernet key"),
        ({"API_THROTTLES": ["60/min"]}, "API_THROTTLES must be a dict or None"),
        ({"API_THROTTLES": {"user": "60"}}, "API_THROTTLES['user'] must be None or such as '600/min'"),
        ({"API_THROTTLES": {"user": "0/min"}}, "API_THROTTLES['user'] must be None or such as '600/min'"),
        ({"API_THROTTLES": {"users": "60/min"}}, "API_THROTTLES knows no 'users': there are user, token"),
        ({"QUOTAS": {"bots": -1}}, "QUOTAS['bots'] must be None or a whole number"),
        ({"QUOTAS": {"bots": True}}, "QUOTAS['bots'] must be None or a whole number"),
        ({"QUOTAS": {"bot": 1}}, "QUOTAS knows no 'bot'"),
        ({"REQUEST_PROXY": "https://proxy:3128"}, "REQUEST_PROXY must be http://host:port, or None"),
        ({"REQUEST_PROXY": "proxy:3128"}, "REQUEST_PROXY must be http://host:port, or None"),
        ({"REQUEST_PROXY": "http://u:p@proxy:99999"}, "REQUEST_PROXY must be http://host:port, or None"),
        ({"REQUEST_PROXY": "http://proxy/path"}, "REQUEST_PROXY must be http://host:port, or None"),
        ({"REQUEST_PROXY": "http://proxy/?x"}, "REQUEST_PROXY must be http://host:port, or None"),
        ({"LEASE": 20}, "LEASE (20 s) must be more than twice the longest single step (15 s)"),
    ],
)
def test_what_is_wrong_is_said(raw: dict[str, Any], said: str) -> None:
    (problem,) = problems(raw)
    assert said in problem


def test_a_wrong_setting_is_an_error_when_it_is_read(settings: Any) -> None:
    settings.PERMABOTS = {"LEASE": "long"}
    with pytest.raises(ConfigurationError, match="LEASE must be a number"):
        get_config()


@pytest.mark.parametrize(
    ("domain", "url"),
    [
        ("bots.example.com", "https://bots.example.com"),
        ("https://bots.example.com/", "https://bots.example.com"),
        ("bots.example.com:8443", "https://bots.example.com:8443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost", "http://localhost"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_webhook_domain_may_carry_a_scheme(settings: Any, domain: str, url: str) -> None:
    settings.PERMABOTS = {"WEBHOOK_DOMAIN": domain}
    assert webhook_base_url() == url


def test_a_plain_http_domain_elsewhere_is_refused(settings: Any) -> None:
    settings.PERMABOTS = {"WEBHOOK_DOMAIN": "http://bots.example.com"}
    with pytest.raises(ConfigurationError, match="must be https"):
        webhook_base_url()


def test_the_documented_setting_of_the_original_is_taken(settings: Any) -> None:
    settings.PERMABOTS = {}
    settings.MICROBOT_WEBHOOK_DOMAIN = "https://yourdomain.herokuapp.com"
    assert webhook_base_url() == "https://yourdomain.herokuapp.com"


@pytest.mark.django_db
def test_without_a_setting_the_current_site_is_the_domain(settings: Any) -> None:
    settings.PERMABOTS = {}
    assert webhook_base_url() == "https://example.com"


def test_without_any_domain_the_error_says_what_to_set(settings: Any) -> None:
    settings.PERMABOTS = {}
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != "django.contrib.sites"]
    with pytest.raises(ConfigurationError, match="MICROBOT_WEBHOOK_DOMAIN"):
        webhook_base_url()


def test_the_demo_reads_every_kind_of_setting_from_the_environment() -> None:
    environment = {
        "PERMABOTS_LEASE": "40",
        "PERMABOTS_SEND_ATTEMPTS": "4",
        "PERMABOTS_QUOTE_INCOMING": "no",
        "PERMABOTS_REQUEST_ALLOWED_HOSTS": "127.0.0.1, 10.0.0.0/8",
        "PERMABOTS_TELEGRAM_API_URL": "http://127.0.0.1:1",
        "PERMABOTS_API_THROTTLES": '{"user": "9/s", "bot": null}',
        "PERMABOTS_DEMO_STATE": "/tmp",  # noqa: S108 - a name, nothing is written
        "OTHER": "x",
    }
    assert permabots_settings(environment) == {
        "LEASE": 40.0,
        "SEND_ATTEMPTS": 4,
        "QUOTE_INCOMING": False,
        "REQUEST_ALLOWED_HOSTS": ["127.0.0.1", "10.0.0.0/8"],
        "TELEGRAM_API_URL": "http://127.0.0.1:1",
        "API_THROTTLES": {"user": "9/s", "bot": None},
    }


def test_a_dict_that_is_changed_in_place_is_read_again(settings: Any) -> None:
    settings.PERMABOTS = {"LEASE": 90, "REQUEST_ALLOWED_HOSTS": ["a.example.com"]}
    assert get_config().lease == 90
    with patch.dict(settings.PERMABOTS, LEASE=120):
        assert get_config().lease == 120
    assert get_config().lease == 90
    settings.PERMABOTS["REQUEST_ALLOWED_HOSTS"].append("b.example.com")
    assert get_config().request_allowed_hosts == ("a.example.com", "b.example.com")


def test_a_wrong_value_that_is_put_in_place_is_an_error_until_it_is_gone(settings: Any) -> None:
    settings.PERMABOTS = {}
    with patch.dict(settings.PERMABOTS, LEASE="long"), pytest.raises(ConfigurationError):
        get_config()
    assert get_config() == Config()


def test_a_provider_notices_a_changed_option(settings: Any) -> None:
    settings.PERMABOTS = {"TELEGRAM_API_URL": "http://one"}
    assert providers()["telegram"].options["api_url"] == "http://one"
    with patch.dict(settings.PERMABOTS, TELEGRAM_API_URL="http://two"):
        assert providers()["telegram"].options["api_url"] == "http://two"


def test_a_class_is_as_good_as_its_dotted_path(settings: Any) -> None:
    settings.PERMABOTS = {"API_AUTHENTICATION_CLASSES": [BasicAuthentication]}
    assert get_config().api_authentication_classes == ("rest_framework.authentication.BasicAuthentication",)


@pytest.mark.parametrize(
    ("domain", "prefix", "url"),
    [
        ("bots.example.com", "/", "https://bots.example.com/processing/hook/k/"),
        ("bots.example.com", "/sub/", "https://bots.example.com/sub/processing/hook/k/"),
        ("example.com/sub", "/", "https://example.com/sub/processing/hook/k/"),
        ("https://example.com/sub/", "/sub/", "https://example.com/sub/processing/hook/k/"),
        ("http://127.0.0.1:8000/a/b", "/a/b/", "http://127.0.0.1:8000/a/b/processing/hook/k/"),
    ],
)
def test_an_address_is_the_same_in_a_command_and_in_a_web_process(
    settings: Any, domain: str, prefix: str, url: str
) -> None:
    settings.PERMABOTS = {"WEBHOOK_DOMAIN": domain}
    with override_script_prefix(prefix):
        assert webhook_url("hook", key="k") == url


def test_urls_under_another_namespace_are_told_in_words(settings: Any) -> None:
    settings.PERMABOTS = {"WEBHOOK_DOMAIN": "bots.example.com"}
    settings.ROOT_URLCONF = "tests.admin.urls_without_processing"
    with pytest.raises(ConfigurationError, match="namespace"):
        webhook_url("hook", key="k")
