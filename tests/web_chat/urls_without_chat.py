"""A project that shows no web chats."""

from typing import Any

urlpatterns: list[Any] = []
