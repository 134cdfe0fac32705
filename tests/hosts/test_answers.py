"""What programs compare in the answers of the API is the same in every project."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from tests.api.conftest import Api
from tests.api.world import World
from tests.factories import make_bot, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> Api:
    return Api(make_user())


@pytest.fixture(params=["project", "caller"])
def german(request: pytest.FixtureRequest, settings: Any) -> Iterator[dict[str, str]]:
    """A project in German, or one that heeds a caller who asks for it; gives the caller's headers."""
    if request.param == "project":
        settings.LANGUAGE_CODE = "de"
        yield {}
    else:
        settings.MIDDLEWARE = ["django.middleware.locale.LocaleMiddleware", *settings.MIDDLEWARE]
        yield {"Accept-Language": "de"}
    # Django leaves the language of a thread's last request active.
    translation.deactivate()


def test_errors_are_in_english(api: Api, german: dict[str, str]) -> None:
    bot = make_bot(owner=api.user)
    assert api("POST", "bots/", {}, **german).json() == {"name": ["This field is required."]}
    assert api("POST", f"bots/{bot.pk}/states/", {"name": "x" * 300}, **german).json() == {
        "name": ["Ensure this field has no more than 255 characters."]
    }
    assert api("GET", "bots/", Authorization="Token nobody", **german).json() == {"detail": "Invalid token."}
    assert api("POST", "/processing/hook/nowhere/", {}, Authorization="Token x", **german).json() == {
        "detail": "Invalid token."
    }


def test_every_moment_is_in_utc(api: Api, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    bot = make_bot(owner=api.user)
    World(bot)
    row = api.get(f"bots/{bot.pk}/messages/").json()["results"][0]
    assert row["received_at"].endswith("Z")
    assert api.get(f"bots/{bot.pk}/").json()["created_at"].endswith("Z")
