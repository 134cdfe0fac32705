"""Why a provider did not take a call, and what to do about it."""

from __future__ import annotations

from permabots.exceptions.base import PermabotsError


class ProviderError(PermabotsError):
    """A provider did not take a call. Subclasses say what to do about it.

    Args:
        message: the provider's own words, without credentials.
        code: the provider's error code or the HTTP status, 0 where there was no answer.
    """

    def __init__(self, message: str, code: int = 0) -> None:
        # A lone surrogate cannot be encoded for a log or the database.
        self.message = message.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        super().__init__(self.message)
        self.code = code


class Retryable(ProviderError):
    """Try again later: too many requests, a server error, no connection, no answer.

    Args:
        message: as in `ProviderError`.
        code: as in `ProviderError`.
        retry_after: seconds the provider asks to wait, None where it did not say.
        ambiguous: the request left but no answer came, so the message may have been delivered.
        of_account: the provider refuses the whole account for now, not only this message or chat.
        of_chat_or_account: the provider refuses the chat or the whole account for now, and does not say which.
    """

    def __init__(
        self,
        message: str,
        code: int = 0,
        retry_after: float | None = None,
        *,
        ambiguous: bool = False,
        of_account: bool = False,
        of_chat_or_account: bool = False,
    ) -> None:
        super().__init__(message, code)
        self.retry_after = retry_after
        self.ambiguous = ambiguous
        self.of_account = of_account
        self.of_chat_or_account = of_chat_or_account


class PermanentError(ProviderError):
    """The provider will never take this message: trying again is useless."""


class ContentRefused(PermanentError):
    """The provider refuses this message's content; it may accept a plainer form of the message."""


class RecipientGone(PermanentError):
    """This recipient cannot be reached: blocked the bot, left, was deleted."""


class RecipientMoved(ProviderError):
    """The chat goes on under another id (a Telegram group that became a supergroup).

    Args:
        message: as in `ProviderError`.
        chat_id: the id to use from now on.
    """

    def __init__(self, message: str, chat_id: str) -> None:
        super().__init__(message, 400)
        self.chat_id = chat_id


class CredentialsRefused(PermanentError):
    """The integration's credentials are no longer valid."""
