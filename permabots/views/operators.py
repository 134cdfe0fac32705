"""What only operators see: the metrics, and the details of ``readyz``. Closed unless the project opens it."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import HttpRequest

from permabots.conf import get_config


def is_operator(request: HttpRequest) -> bool:
    """Whether a caller may see what only operators see.

    With ``METRICS_TOKEN`` set: whoever sends it. Without: everybody where ``METRICS_PUBLIC`` or ``DEBUG`` is set, and
    else nobody.
    """
    config = get_config()
    if not config.metrics_token:
        return config.metrics_public or bool(settings.DEBUG)
    authorization = request.headers.get("Authorization", "").encode()
    return hmac.compare_digest(authorization, f"Bearer {config.metrics_token}".encode())
