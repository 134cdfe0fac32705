"""What calls a provider's API: one integration's client."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from permabots.values import Json, Payload, Receipt, Sender, WebhookInfo


class Client(ABC):
    """Calls of one integration to its provider's API, over connections that the whole process shares.

    Every method raises a `permabots.exceptions.ProviderError` that says what to do: `Retryable`, `RecipientGone`,
    `RecipientMoved`, `CredentialsRefused`, `ContentRefused` or `PermanentError`; one place per provider maps its
    answers to them.
    A client is used by several threads at once.
    """

    # Subclasses must implement

    @abstractmethod
    def send(self, payload: Payload, timeout: float) -> Receipt:
        """Make one call.

        Args:
            payload: as `Provider.render` made it.
            timeout: seconds that connecting, sending and reading may take together.
        """

    @abstractmethod
    def identify(self) -> Sender:
        """Return the bot's own account."""

    @abstractmethod
    def set_webhook(self, url: str, secret: str) -> None:
        """Have events sent to ``url``, authenticated by ``secret`` where the provider can."""

    @abstractmethod
    def remove_webhook(self) -> None:
        """Stop events from being sent; nothing happens where none were."""

    @abstractmethod
    def webhook_info(self) -> WebhookInfo:
        """Return what the provider says about the webhook."""

    # Subclasses may override

    def poll(self, offset: int | None, timeout: float) -> Sequence[Json]:
        """Fetch events without a webhook, for providers with `Provider.can_poll`.

        Args:
            offset: the first event wanted; everything before it is acknowledged. None for whatever is there.
            timeout: seconds to wait for an event.

        Returns:
            Events, each as a webhook's body would hold it.
        """
        raise NotImplementedError(f"{type(self).__name__} cannot poll")
