"""Checks of the web chat's settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string
from rest_framework.settings import api_settings

from permabots.conf import config_at_start


@register("permabots")
def check_admit(**_: Any) -> list[CheckMessage]:
    """Check that the function which admits new conversations can be imported: else none could begin."""
    path = config_at_start().webchat_admit
    if path is None:
        return []
    try:
        problem = "" if callable(import_string(path)) else f"{path} is no function"
    except ImportError as error:
        problem = str(error)
    return [Error(f"PERMABOTS['WEBCHAT_ADMIT']: {problem}.", id="permabots.E010")] if problem else []


@register("permabots", deploy=True)
def check_web_proxies(**_: Any) -> list[CheckMessage]:
    """Check that proxies which other settings tell of are counted: else all people would have their address."""
    config = config_at_start()
    if config.webchat_trusted_proxies or "new_by_address" not in config.webchat_limits or not _is_included():
        return []
    if not (settings.SECURE_PROXY_SSL_HEADER or settings.USE_X_FORWARDED_HOST or api_settings.NUM_PROXIES):
        return []
    return [
        Warning(
            "Web chats do not count the proxies in front of this project: new conversations are not limited by "
            "address, or everybody's together.",
            hint="Set PERMABOTS['WEBCHAT_TRUSTED_PROXIES'] to the number of proxies that write X-Forwarded-For.",
            id="permabots.W017",
        )
    ]


def _is_included() -> bool:
    """Return whether the project serves web chats."""
    try:
        reverse("chat:launcher")
    except NoReverseMatch:
        return False
    return True
