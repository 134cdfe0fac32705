"""The admin: bots built, watched and put right in the browser. Django finds it by itself (``admin.autodiscover``)."""

from django.contrib import admin

from permabots.admin import (
    api_tokens,
    bots,
    configuration,
    conversations,
    events,
    handlers,
    hooks,
    integrations,
    messages,
)
from permabots.admin.playground import saved_tests

__all__ = [
    "api_tokens",
    "bots",
    "configuration",
    "conversations",
    "events",
    "handlers",
    "hooks",
    "integrations",
    "messages",
    "saved_tests",
]

integrations.register(admin.site)
