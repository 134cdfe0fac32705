"""This process's client for users' APIs."""

from __future__ import annotations

from functools import lru_cache

from permabots.conf import get_config
from permabots.engine.http.client import RequestLimits, UserApi


def user_api(timeout: float | None = None) -> UserApi:
    """Return the client of this process, which keeps its connections; another one where the limits differ.

    Args:
        timeout: the seconds of a call; None for those of the settings.
    """
    config = get_config()
    seconds = config.request_timeout if timeout is None else timeout
    rest = (config.request_max_bytes, config.request_allowed_hosts, config.request_proxy)
    return _user_api(RequestLimits(seconds, *rest))


@lru_cache(maxsize=4)
def _user_api(limits: RequestLimits) -> UserApi:
    return UserApi(limits)
