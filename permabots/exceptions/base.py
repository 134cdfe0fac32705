"""The base of all errors raised on purpose, and those that no other module here has."""

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
    """A bot has as many calls to user APIs, or as many turns, in hand as it may: this work is begun again later.

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


class TooManyCalls(PermabotsError):
    """An author did something more often than they may; the text names the limit.

    Args:
        message: in words for the author.
        seconds: after how many seconds to try again.
    """

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class NothingToRetry(PermabotsError):
    """A message has nothing that could be tried again; the text says why, in words for its owner."""
