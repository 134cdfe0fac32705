"""This process's client for users' APIs."""

from __future__ import annotations

from functools import lru_cache

from permabots.conf import get_config
from permabots.engine.http.client import RequestLimits, UserApi


def user_api() -> UserApi:
    """Return the one client of this process, which keeps its connections; another one where the limits changed."""
    config = get_config()
    return _user_api(RequestLimits(config.request_timeout, config.request_max_bytes, config.request_allowed_hosts))


@lru_cache(maxsize=4)
def _user_api(limits: RequestLimits) -> UserApi:
    return UserApi(limits)
