"""Caches that host projects may have: what fails in its own way, and what keeps plain JSON only."""

from __future__ import annotations

import json
from typing import Any

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.utils.module_loading import import_string


class CacheServerError(Exception):
    """What a client of some cache server raises: no ``OSError``, and nothing that Django knows."""


class FailingCache(BaseCache):
    """A cache that raises what its ``LOCATION`` names: the dotted path of an exception."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self.error = import_string(location)

    def get(self, key: str, *_: Any, **__: Any) -> Any:
        raise self.error("away")

    def set(self, key: str, *_: Any, **__: Any) -> None:
        raise self.error("away")

    def delete(self, key: str, *_: Any, **__: Any) -> bool:
        raise self.error("away")


class JsonCache(LocMemCache):
    """A cache whose serializer is JSON: it takes nothing else, and gives lists back for tuples."""

    def get(self, key: str, default: Any = None, version: Any = None) -> Any:
        found = super().get(key, None, version)
        return default if found is None else json.loads(found)

    def set(self, key: str, value: Any, *args: Any, **values: Any) -> None:
        super().set(key, json.dumps(value), *args, **values)

    def add(self, key: str, value: Any, *args: Any, **values: Any) -> bool:
        return super().add(key, json.dumps(value), *args, **values)
