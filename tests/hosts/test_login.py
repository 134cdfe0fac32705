"""A project in which everything asks for a login (Django's ``LoginRequiredMiddleware``)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import URLPattern

from permabots import urls_api, urls_health, urls_metrics, urls_processing

ROUTES = [
    (module.__name__, route)
    for module in (urls_processing, urls_api, urls_health, urls_metrics)
    for route in module.urlpatterns
    if isinstance(route, URLPattern)
]


@pytest.mark.parametrize(("module", "route"), ROUTES, ids=[f"{name}:{route.name}" for name, route in ROUTES])
def test_a_view_that_identifies_its_callers_itself_asks_for_no_login(module: str, route: Any) -> None:
    assert route.callback.login_required is False


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/processing/messengerbot/00000000-0000-0000-0000-000000000000/", 404),
        ("post", "/processing/telegrambot/00000000-0000-0000-0000-000000000000/", 404),
        ("put", "/processing/kikbot/00000000-0000-0000-0000-000000000000/", 405),
        ("post", "/processing/hook/abc/", 401),
        ("get", "/permabots/api/bots/", 401),
        ("get", "/permabots/api/schema/", 200),
        ("get", "/permabots/api/docs/", 200),
        ("get", "/healthz", 200),
        ("get", "/metrics", 403),
    ],
)
def test_nobody_is_sent_to_a_login_page(client: Any, settings: Any, method: str, path: str, status: int) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
    assert getattr(client, method)(path).status_code == status
