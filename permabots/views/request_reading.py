"""A call of a webhook as plain values, refused in JSON where Django itself would answer with a page in HTML."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest

from permabots.exceptions import WebhookRejected
from permabots.values import WebhookRequest


def webhook_request(request: HttpRequest) -> WebhookRequest:
    """Return a call of a webhook as plain values.

    Raises:
        WebhookRejected: its body or its address has more than Django takes.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        return WebhookRequest(request.body, headers, request.GET.dict())
    except RequestDataTooBig:
        words = f"The body is larger than {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes."
        raise WebhookRejected("the body is too large", status=413, detail=words) from None
    except SuspiciousOperation as error:
        raise WebhookRejected("its address has too many parameters", status=400, detail=str(error)) from None
