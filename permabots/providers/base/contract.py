"""The contract of a provider: one class with its facts and rules, and a client. See `permabots.providers`.

Plain Python: no Django, no rows. The constructor takes the project's settings for the provider, and methods take the
account's credentials as a mapping.
"""

from __future__ import annotations

import json
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime

from permabots.exceptions import ConfigurationError, WebhookRejected
from permabots.providers.base.client import Client
from permabots.providers.base.facts import Facts, Limits, Rates
from permabots.providers.base.networks import parse_networks
from permabots.values import (
    Address,
    Answer,
    DisplayedMessage,
    Identity,
    Inbound,
    Json,
    Keyboard,
    Kind,
    Payload,
    WebhookRequest,
)

__all__ = ["Client", "Credentials", "Limits", "Provider", "Rates"]

Credentials = Mapping[str, str]
"""The values of an account's columns by name, for every name in `Provider.credential_fields`; "" for NULL."""
FLAGS = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off", ""), False),
}
"""How an option that is on or off may be written."""


class Provider(Facts, ABC):
    """The rules of one messenger, with its `Facts`.

    Args:
        options: the settings whose names begin with the provider's slug (``TELEGRAM_API_URL`` is ``api_url`` here).

    Attributes:
        options: the settings, with `default_options` for those that are left out.
        allowed_networks: the networks from which alone webhook calls are taken; none for any.

    Raises:
        ConfigurationError: an option of every provider, one of `SHARED_OPTIONS`, cannot be used.
    """

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        self.options: Mapping[str, str] = {**self.default_options, **(options or {})}
        networks = self.options.get("allowed_networks", "")
        self.allowed_networks = parse_networks(f"{self.slug.upper()}_ALLOWED_NETWORKS", networks)

    def number(self, option: str, default: float) -> float:
        """Return an option that is a number, the default where it is not set.

        Raises:
            ConfigurationError: the option is not a number, or below 0.
        """
        given = self.options.get(option, str(default))
        try:
            value = float(given)
        except ValueError:
            value = -1.0
        if not 0 <= value < math.inf:
            raise ConfigurationError(f"{self.slug.upper()}_{option.upper()} must be a number from 0 on, not {given!r}")
        return value

    def flag(self, option: str) -> bool:
        """Return an option that is on or off; off where it is not set.

        Raises:
            ConfigurationError: the option is neither.
        """
        given = self.options.get(option, "false").strip().lower()
        if given not in FLAGS:
            raise ConfigurationError(f"{self.slug.upper()}_{option.upper()} must be True or False, not {given!r}")
        return FLAGS[given]

    # Subclasses must implement

    @abstractmethod
    def verify(self, request: WebhookRequest, credentials: Credentials) -> None:
        """Check that a webhook call is the provider's, over the raw bytes and in constant time.

        Args:
            request: the call.
            credentials: the values of `verify_fields`.

        Raises:
            WebhookRejected: the call is not authentic.
        """

    @abstractmethod
    def parse(self, request: WebhookRequest, identity: Identity) -> list[Inbound]:
        """Return the events of an authentic call. Events that no handler should see are of the kind ``ignored``.

        Args:
            request: the call.
            identity: the bot's account.

        Raises:
            MalformedWebhook: the body is not JSON, or not an object. No other content is refused.
        """

    @abstractmethod
    def simulated_update(self, text: str, kind: Kind, chat_id: str, user_id: str) -> dict[str, Json]:
        """Return the body of a webhook call with one event, as if a person had sent it just now: for simulations.

        Args:
            text: the person's text, or the data of the pressed button.
            kind: ``text`` or ``button``.
            chat_id: the id of the chat; digits where `integer_ids` says that ids are numbers.
            user_id: the id of the person; digits likewise.
        """

    @abstractmethod
    def message_context(self, inbound: Inbound) -> dict[str, Json]:
        """Return ``message`` for templates, in its documented form, from ``inbound.raw``.

        Where ``inbound.text`` differs from the raw text (a button's stored data), it has ``inbound.text``.
        """

    @abstractmethod
    def render(self, answer: Answer, address: Address) -> list[Payload]:
        """Return the calls that send an answer, split by this provider's limits.

        No text is lost, the order stays, no part has an open tag, the last part has the keyboard, and the first part
        quotes ``address.reply_to``. An answer without text gives no calls.

        Args:
            answer: the answer.
            address: its recipient.
        """

    @abstractmethod
    def readdress(self, payload: Payload, chat_id: str) -> Payload:
        """Return the same call for the chat with this id (see `RecipientMoved`)."""

    @abstractmethod
    def client(self, credentials: Credentials) -> Client:
        """Return a client for an account. It opens no connections: those belong to the process.

        Args:
            credentials: the values of `credential_fields`.
        """

    @abstractmethod
    def keyboard(self, rows: Keyboard) -> Json:
        """Return rows of buttons as a keyboard of the provider."""

    # Subclasses may override

    def can_verify(self, credentials: Credentials) -> bool:
        """Return whether `verify` can authenticate calls with these credentials; False where it accepts every call."""
        return True

    def missing_secret(self, credentials: Credentials) -> str:
        """Return the name of the credential without which `verify` refuses every call; "" where none is missing."""
        return ""

    def rates(self, chat_id: str) -> Rates:
        """Return how fast messages may be sent, from the options ``rate``, ``chat_rate`` and ``chat_burst``.

        Args:
            chat_id: the chat that messages are sent to.
        """
        return Rates(self.number("rate", 0.0), self.number("chat_rate", 0.0), self.number("chat_burst", 1.0))

    def user_of_private_chat(self, chat_id: str) -> str:
        """Return the user id of the person in a private chat; "" where the chat's id does not say it."""
        return ""

    def moved_chat(self, inbound: Inbound) -> tuple[str, str] | None:
        """Return a chat's old and new id, where an event says that the chat has moved; else None."""
        return None

    def sent_at(self, inbound: Inbound) -> datetime | None:
        """Return when an event happened, where the proof of its call covers that moment too; else None."""
        return None

    def may_name_us(self, inbound: Inbound) -> bool:
        """Return whether an ignored event may be for this bot under a new name, which permabots does not know yet."""
        return False

    def preview(self, payload: Payload) -> list[DisplayedMessage]:
        """Return the messages of a call as a person sees them; by default, one message with the call's JSON."""
        return [] if payload.optional else [DisplayedMessage(json.dumps(payload.body, indent=2, ensure_ascii=False))]

    def topic_of(self, inbound: Inbound) -> str:
        """Return the topic of the chat that an event and its answer belong to; "" for none."""
        return ""

    def read_topic(self, topic: str) -> str:
        """Return a topic that an author wrote, in the form that `topic_of` returns.

        Args:
            topic: the author's text, without blanks around it; "" for none.

        Raises:
            ValueError: there can be no such topic; the text is a sentence for the author.
        """
        if topic:
            raise ValueError(f"Chats on {self.name} have no topics.")
        return ""

    def without_topic(self, payload: Payload, refusal: str) -> Payload | None:
        """Return a call for the whole chat, where the provider refused it for its topic; None for any other reason.

        Args:
            payload: the refused call, as `render` returned it.
            refusal: the provider's words.
        """
        return None

    def plainest(self, payload: Payload, refusal: str) -> Payload | None:
        """Return a refused call in its plainest form: text only, with the buttons as lines of it; None if it has none.

        Args:
            payload: the refused call, as `render` returned it.
            refusal: the provider's words.
        """
        return None

    def acknowledge(self, inbound: Inbound) -> list[Payload]:
        """Return the calls that acknowledge an event: they stop a pressed button's spinner.

        A task makes them at once, not in order with answers, and never retries them.
        """
        return []

    def handshake(self, request: WebhookRequest, credentials: Credentials) -> str:
        """Return the answer to the provider's GET, with which it verifies the webhook's address.

        Args:
            request: the call.
            credentials: the values of `verify_fields`.

        Raises:
            WebhookRejected: the call has a wrong token, or this provider makes no such calls.
        """
        raise WebhookRejected("this provider makes no handshake")
