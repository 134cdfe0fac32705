"""Why a webhook call, or one event of it, is not taken."""

from __future__ import annotations

from permabots.exceptions.base import PermabotsError


class WebhookRejected(PermabotsError):
    """A webhook call that is not authentic, or not one that is taken. Nothing of it is stored.

    Args:
        reason: a text for the operator's log, without the secret that was sent and the one expected.
        status: the status of the answer.
        detail: what the answer says to whoever called; "" for nothing.
        retry_after: seconds after which the call would be taken; 0 for never.
    """

    status = 403

    def __init__(self, reason: str, *, status: int = 0, detail: str = "", retry_after: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
        self.retry_after = retry_after
        if status:
            self.status = status


class IgnoredEvent(PermabotsError):
    """A provider's event that no handler may see; the text says why. It is stored as ``ignored``."""


class MalformedWebhook(WebhookRejected):
    """An authentic call whose body is not JSON, or not a JSON object. It is answered 400."""

    status = 400


class WebChatRefused(PermabotsError):
    """A page of the web chat asked for something that it does not get.

    Args:
        detail: why, in words for the person.
        status: the HTTP status.
        retry_after: the seconds after which it may ask again, None where that changes nothing.
    """

    def __init__(self, detail: str, *, status: int = 400, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.retry_after = retry_after
