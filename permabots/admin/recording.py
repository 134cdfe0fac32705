"""Saying who acts in the admin, for the events of what is changed there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest

from permabots import origin
from permabots.origin import Origin, Source


def recorded(view: Callable[..., Any]) -> Callable[..., Any]:
    """Return a view whose changes are recorded as those of its user.

    Args:
        view: a view of the admin.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with origin.acting(lambda: _origin(request)):
            return view(request, *args, **kwargs)

    return answer


def _origin(request: HttpRequest) -> Origin:
    user: Any = request.user
    source = Source.PLAYGROUND if "/playground/" in request.path else Source.ADMIN
    return Origin(source, str(user.pk or ""), user.get_username())
