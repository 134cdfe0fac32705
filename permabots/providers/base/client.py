"""The base class of clients: the calls of one integration to its provider's API."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from permabots.values import Json, Payload, Receipt, Sender, WebhookInfo


class Client(ABC):
    """Calls of one integration to its provider's API, over connections that the whole process shares.

    Every method raises a `permabots.exceptions.ProviderError` when its call fails. The subclass says what to do:
    `Retryable`, `RecipientGone`, `RecipientMoved`, `CredentialsRefused`, `ContentRefused` or `PermanentError`; one
    module of each provider turns its API's refusals into them. Several threads may use a client at once.
    """

    # Subclasses must implement

    @abstractmethod
    def send(self, payload: Payload, timeout: float) -> Receipt:
        """Make one call.

        Args:
            payload: the call, as `Provider.render` returned it.
            timeout: seconds that connecting, sending and reading may take together.

        Returns:
            The provider's id of the message.
        """

    @abstractmethod
    def identify(self) -> Sender:
        """Return the bot's own account."""

    @abstractmethod
    def set_webhook(self, url: str, secret: str) -> None:
        """Have the provider send events to an address.

        Args:
            url: the address.
            secret: the secret that the provider should send with every call, where it can.
        """

    @abstractmethod
    def remove_webhook(self) -> None:
        """Have the provider send no more events; no error where no webhook is set."""

    @abstractmethod
    def webhook_info(self) -> WebhookInfo:
        """Return the state of the webhook, as the provider reports it."""

    # Subclasses may override

    def poll(self, offset: int | None, timeout: float) -> Sequence[Json]:
        """Fetch events without a webhook, for providers with `Provider.can_poll`.

        Args:
            offset: the id of the first event to return; all events before it are acknowledged. None for all events.
            timeout: seconds to wait for an event.

        Returns:
            Events, each as in the body of a webhook call.
        """
        raise NotImplementedError(f"{type(self).__name__} cannot poll")
