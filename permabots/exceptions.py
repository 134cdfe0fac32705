"""Every error that permabots raises on purpose. Each has the data that its handling needs; none has a secret."""

from __future__ import annotations

UNFORESEEN = "an unforeseen error, which is in the server's log"
"""What authors read of an error that is none of permabots: its class and its text are for the operator."""


class PermabotsError(Exception):
    """Base of all errors raised on purpose by permabots."""


class ConfigurationError(PermabotsError):
    """The project's settings cannot be used: a wrong value, a provider that cannot be loaded, no domain."""


class SecretUnreadable(PermabotsError):
    """A stored secret was encrypted with a key that the settings do not have. Nothing is done with it: the message
    waits, the webhook is answered 503, until the key is back.

    Attributes:
        RETRY_AFTER: seconds after which what waits is tried again.
    """

    RETRY_AFTER = 60.0

    def __init__(self) -> None:
        super().__init__("a stored secret cannot be decrypted: its key is not in PERMABOTS['ENCRYPTION_KEYS']")


class IntegrationRefused(PermabotsError):
    """A provider did not accept an integration: bad credentials, a refused webhook, or no answer."""


class LeaseLost(PermabotsError):
    """Another worker has the lease of this conversation now: this worker must write nothing of its turn."""


class Busy(PermabotsError):
    """A bot has as many calls to user APIs in flight as it may: this turn is begun again later.

    Args:
        seconds: after how many seconds to try again.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no call is free, try again in {seconds:.1f} s")
        self.seconds = seconds


class TooManyAtOnce(PermabotsError):
    """An author has as many simulations and runs of tests in hand at once as they may; the text says how many.

    Args:
        message: in words for the author.
        seconds: after how many seconds to try again.
    """

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class NothingToRetry(PermabotsError):
    """A message has nothing that could be tried again; the text says why, in words for its owner."""


# --- the notification hook ---------------------------------------------------------------------------------------


class HookPostRefused(PermabotsError):
    """A post to a hook is refused: no recipient gets a message. The text says why."""


class QuotaReached(HookPostRefused):
    """The bot has as many stored messages as it may have; the text names the quota."""


class DataIncomplete(HookPostRefused):
    """A strict hook was posted data on which its template fails, or which leave an expression of it empty.

    Args:
        gaps: one sentence for each expression without a value.
    """

    def __init__(self, gaps: tuple[str, ...]) -> None:
        super().__init__(" ".join(gaps))
        self.gaps = gaps


class RecipientsUnknown(HookPostRefused):
    """A post names recipients that its hook does not have, or a name may mean different recipients.

    Args:
        problems: one sentence for each such name.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class KeyReused(HookPostRefused):
    """An idempotency key was used before for other data."""


# --- the webhook -------------------------------------------------------------------------------------------------


class WebhookRejected(PermabotsError):
    """A webhook call that is not authentic, or not one that is taken. Nothing of it is stored.

    Args:
        reason: a text for the operator's log, without the secret that was sent and the one expected.
        status: the status of the answer.
        detail: what the answer says to whoever called; "" for nothing.
    """

    status = 403

    def __init__(self, reason: str, *, status: int = 0, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
        if status:
            self.status = status


class IgnoredEvent(PermabotsError):
    """A provider's event that no handler may see; the text says why. It is stored as ``ignored``."""


class MalformedWebhook(WebhookRejected):
    """An authentic call whose body is not JSON, or not a JSON object. It is answered 400."""

    status = 400


# --- the engine --------------------------------------------------------------------------------------------------


class DefinitionError(PermabotsError):
    """A template, pattern, request or keyboard that the author wrote cannot be used. The text names the line, if known.

    Args:
        message: what is wrong, in words for the author.
        line: the line in the template, counted from 1, or None where there is none.
    """

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message if line is None else f"{message} (line {line})")
        self.message = message
        self.line = line


class PatternError(DefinitionError):
    """A regular expression does not compile."""


class PatternTimeout(PermabotsError):
    """A regular expression ran longer than it may on this text."""


class TemplateError(DefinitionError):
    """A template does not compile, or failed while it was rendered."""


class RenderLimitExceeded(TemplateError):
    """A template ran too long or wrote too much."""


class KeyboardError(DefinitionError):
    """The output of a keyboard template is not a list of buttons."""


class RequestFailed(PermabotsError):
    """A call to a user API has no usable response: refused, timed out, too large, a bad address.

    The error's text becomes ``response.error`` in templates and traces, so it holds no secret.
    """


class NoResponse(RequestFailed):
    """A user API did not answer: no such host, no connection, or too slow. The request itself is not the cause."""


# --- the provider ------------------------------------------------------------------------------------------------


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
