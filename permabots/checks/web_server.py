"""Checks of the web server around a project: its hosts, its proxy, static files, access to the metrics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Info, Warning, register
from django.http.request import validate_host
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.settings import api_settings

from permabots.addresses import webhook_base_url
from permabots.checks.project import usable_providers
from permabots.conf import config_at_start
from permabots.exceptions import ConfigurationError

LOCAL = ["localhost", "127.0.0.1", "[::1]"]


@register("permabots", deploy=True)
def check_hosts(**_: Any) -> list[CheckMessage]:
    """Check that Django accepts calls to the webhook's domain: else it answers each of them with status 400."""
    name = _domain().hostname
    if name is None or validate_host(name, settings.ALLOWED_HOSTS or (LOCAL if settings.DEBUG else [])):
        return []
    return [
        Warning(
            f"ALLOWED_HOSTS does not have {name}, the webhook's domain: Django answers every webhook with 400.",
            hint="Add it to ALLOWED_HOSTS, unless a proxy sends another Host.",
            id="permabots.W006",
        )
    ]


@register("permabots", deploy=True)
def check_proxy(**_: Any) -> list[CheckMessage]:
    """Check that a proxy which ends TLS says so: else calls are redirected to their own address, and forms refused."""
    domain = _domain()
    if domain.scheme != "https" or settings.SECURE_PROXY_SSL_HEADER:
        return []
    problems = []
    if settings.SECURE_SSL_REDIRECT:
        problems.append("each webhook is redirected to its own address (SECURE_SSL_REDIRECT)")
    if apps.is_installed("django.contrib.admin") and not _is_trusted(domain.hostname or ""):
        problems.append("each form of the admin is refused (CSRF)")
    return [
        Warning(
            f"Behind a proxy that ends TLS, {problem}: SECURE_PROXY_SSL_HEADER is not set.",
            hint="Set SECURE_PROXY_SSL_HEADER to the header in which your proxy says https, unless Django's own server "
            "speaks TLS.",
            id="permabots.W007",
        )
        for problem in problems
    ]


@register("permabots", deploy=True)
def check_addresses(**_: Any) -> list[CheckMessage]:
    """Check that callers' addresses are known: without NUM_PROXIES they are what a header says, or a proxy's."""
    problems = []
    if {"address", "wrong_token", "schema"} & config_at_start().api_throttles.keys():
        problems.append("A caller can choose the address by which API calls are limited, in the header X-Forwarded-For")
    if any(provider.allowed_networks for provider in usable_providers()):
        problems.append("Behind a proxy no webhook call would come from one of the networks that are allowed")
    return [
        Warning(
            f"{problem}.",
            hint="Set NUM_PROXIES of REST_FRAMEWORK to the number of proxies in front of the project, 0 for none.",
            id="permabots.W014",
        )
        for problem in problems
        if api_settings.NUM_PROXIES is None
    ]


def _is_trusted(name: str) -> bool:
    """Whether CSRF_TRUSTED_ORIGINS has a domain, so that its forms are accepted behind any proxy."""
    trusted = [urlsplit(origin).hostname or "" for origin in settings.CSRF_TRUSTED_ORIGINS]
    return validate_host(name, [host.removeprefix("*") for host in trusted])


@register("permabots", deploy=True)
def check_static_files(**_: Any) -> list[CheckMessage]:
    """Check that the admin's styles and scripts can be collected."""
    if not apps.is_installed("django.contrib.admin"):
        return []
    problem = ""
    if not apps.is_installed("django.contrib.staticfiles"):
        problem = "django.contrib.staticfiles is not installed"
    elif not settings.STATIC_ROOT and settings.STORAGES["staticfiles"]["BACKEND"].startswith("django.contrib."):
        problem = "STATIC_ROOT is not set"
    if not problem:
        return []
    return [
        Warning(
            f"The admin is without its styles and scripts: {problem}.",
            hint="Set STATIC_ROOT, run collectstatic, and have that folder served.",
            id="permabots.W008",
        )
    ]


@register("permabots", deploy=True)
def check_metrics(**_: Any) -> list[CheckMessage]:
    """Check that the metrics can be read, and not by everybody."""
    served = "permabots.views.metrics" in {getattr(view, "__module__", "") for view in _views(get_resolver())}
    config = config_at_start()
    if config.metrics_public and not config.metrics_token:
        return [
            Warning(
                "Everybody who reaches this project may read its metrics and the details of readyz.",
                hint="Set PERMABOTS['METRICS_TOKEN'], unless a proxy keeps others from their addresses.",
                id="permabots.W009",
            )
        ]
    if config.metrics_token or not served:
        return []
    return [
        Info(
            "Nobody can read the metrics: they are answered with 403.",
            hint="Set PERMABOTS['METRICS_TOKEN'] and have the scraper send it, or PERMABOTS['METRICS_PUBLIC'] = True "
            "where a proxy keeps others from the address.",
            id="permabots.I002",
        )
    ]


def _domain() -> Any:
    """Return the parts of the webhook's address, empty where no setting has a domain: the Site's row is not read."""
    if not (config_at_start().webhook_domain or getattr(settings, "MICROBOT_WEBHOOK_DOMAIN", None)):
        return urlsplit("")
    try:
        return urlsplit(webhook_base_url())
    except ConfigurationError:
        return urlsplit("")  # `check_domain` reports it


def _views(resolver: URLResolver) -> Iterator[Any]:
    for route in resolver.url_patterns:
        if isinstance(route, URLPattern):
            yield route.callback
        else:
            yield from _views(route)
