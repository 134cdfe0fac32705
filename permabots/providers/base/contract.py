"""What a provider is: one class of facts, and a client. `permabots.providers` says how to add one.

Plain Python: no Django, no rows. Whatever a provider needs of the project's settings is handed to its constructor,
whatever it needs of its table of credentials comes as a mapping.
"""

from __future__ import annotations

import json
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from permabots.exceptions import ConfigurationError, WebhookRejected
from permabots.providers.base.client import Client
from permabots.providers.base.limits import Limits, Rates
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
"""Column name -> value, for every name in `Provider.credential_fields`; "" where the row has none."""


class Provider(ABC):
    """One messenger: facts first, code last.

    Args:
        options: the settings whose names begin with this provider's (``TELEGRAM_API_URL`` arrives as ``api_url``).
    """

    # Subclasses must set

    slug: ClassVar[str]
    """In URLs, import paths and rows: lower case, a Python identifier."""
    name: ClassVar[str]
    """For people."""
    model: ClassVar[str]
    """``app_label.Model`` of the table of credentials."""
    credential_fields: ClassVar[tuple[str, ...]]
    """Columns of that table that `client` reads."""
    verify_fields: ClassVar[tuple[str, ...]]
    """Columns of that table that `verify` and `handshake` read: what a webhook may keep in the cache."""
    limits: ClassVar[Limits]
    has_users: ClassVar[bool]
    """Whether one chat holds several people, each with a state of their own."""
    recipient_fields: ClassVar[tuple[str, ...]]
    """What a hook's recipient of this provider is addressed by: ``chat_id``, and perhaps ``user_id``."""
    integer_ids: ClassVar[bool]
    """Whether chat and user ids are numbers in its API (they are text in our rows)."""
    default_options: ClassVar[Mapping[str, str]]
    """The options it reads, with their defaults; ``api_url`` at least."""

    # Subclasses may set

    can_poll: ClassVar[bool] = False
    """Whether `Client.poll` works."""
    has_topics: ClassVar[bool] = False
    """Whether chats may be divided into topics, each with a state of its own where a bot's author wants that."""
    null_url: ClassVar[str | None] = None
    """The URL that stands for no webhook, where the provider wants one."""

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        self.options: Mapping[str, str] = {**self.default_options, **(options or {})}

    def number(self, option: str, default: float) -> float:
        """Return an option that is a number.

        Raises:
            ConfigurationError: it is none, or below 0.
        """
        given = self.options.get(option, str(default))
        try:
            value = float(given)
        except ValueError:
            value = -1.0
        if not 0 <= value < math.inf:
            raise ConfigurationError(f"{self.slug.upper()}_{option.upper()} must be a number from 0 on, not {given!r}")
        return value

    # Subclasses must implement

    @abstractmethod
    def verify(self, request: WebhookRequest, credentials: Credentials) -> None:
        """Check that the provider itself is calling, over the raw bytes and in constant time.

        Raises:
            WebhookRejected: it is not, or nothing proves it.
        """

    @abstractmethod
    def parse(self, request: WebhookRequest, identity: Identity) -> list[Inbound]:
        """Return the events of an authentic call, one each, raw ones kept; what is not for us is of kind ``ignored``.

        Raises:
            MalformedWebhook: the body is not JSON, or not an object. Nothing else is refused.
        """

    @abstractmethod
    def simulated_update(self, text: str, kind: Kind, chat_id: str, user_id: str) -> dict[str, Json]:
        """Return the body of a webhook call with one event, as if a person had sent it just now: for simulations.

        Args:
            text: what the person wrote, or the data of the button that was pressed.
            kind: ``text`` or ``button``.
            chat_id: the chat; digits where `integer_ids` says that ids are numbers.
            user_id: the person in it, likewise.
        """

    @abstractmethod
    def message_context(self, inbound: Inbound) -> dict[str, Json]:
        """Return what templates see as ``message``, shaped as documented; built from ``inbound.raw``.

        Where ``inbound.text`` differs from the raw text (a button's kept data), ``inbound.text`` is shown.
        """

    @abstractmethod
    def render(self, answer: Answer, address: Address) -> list[Payload]:
        """Cut an answer to this provider's limits.

        No text is lost, order is kept, no part has an open tag, the keyboard is on the last part; the first quotes
        ``address.reply_to``. An answer without text gives no payload.
        """

    @abstractmethod
    def readdress(self, payload: Payload, chat_id: str) -> Payload:
        """Return the same payload for another chat (see `RecipientMoved`)."""

    @abstractmethod
    def client(self, credentials: Credentials) -> Client:
        """Return a client; building one costs next to nothing, since connections belong to the process."""

    @abstractmethod
    def keyboard(self, rows: Keyboard) -> Json:
        """Return rows of buttons in the provider's own form."""

    # Subclasses may override

    def can_verify(self, credentials: Credentials) -> bool:
        """Whether `verify` can prove a call with these credentials; False where it has to believe everybody."""
        return True

    def rates(self, chat_id: str) -> Rates:
        """Return how fast may be sent: the options ``rate``, ``chat_rate`` and ``chat_burst``.

        Args:
            chat_id: the chat that is sent to.
        """
        return Rates(self.number("rate", 0.0), self.number("chat_rate", 0.0), self.number("chat_burst", 1.0))

    def user_of_private_chat(self, chat_id: str) -> str:
        """Return the user id of the one person in a private chat; "" where that cannot be told from the chat's id."""
        return ""

    def moved_chat(self, inbound: Inbound) -> tuple[str, str] | None:
        """Return the id that a chat had and the one that it has now, where an event says that; else None."""
        return None

    def may_name_us(self, inbound: Inbound) -> bool:
        """Whether an ignored event may be for this bot, under a name that it was given at the provider since."""
        return False

    def preview(self, payload: Payload) -> list[DisplayedMessage]:
        """Return the messages that a person sees of a call `render` made; its JSON, where nothing better is known."""
        return [] if payload.optional else [DisplayedMessage(json.dumps(payload.body, indent=2, ensure_ascii=False))]

    def topic_of(self, inbound: Inbound) -> str:
        """Return the topic of the chat that an event belongs to, where its answer belongs too; "" for none."""
        return ""

    def read_topic(self, topic: str) -> str:
        """Return a topic that an author names, as `topic_of` returns it.

        Args:
            topic: what the author wrote, without blanks around it; "" for none.

        Raises:
            ValueError: there can be no such topic; the text is a sentence for the author.
        """
        if topic:
            raise ValueError(f"Chats on {self.name} have no topics.")
        return ""

    def without_topic(self, payload: Payload, refusal: str) -> Payload | None:
        """Return a refused call for the whole chat, where the topic is what was refused; None for any other reason.

        Args:
            payload: as `render` made it.
            refusal: the provider's words.
        """
        return None

    def plainest(self, payload: Payload, refusal: str) -> Payload | None:
        """Return a refused call's plainest form: words only, buttons too; None where it has none.

        Args:
            payload: as `render` made it.
            refusal: the provider's words.
        """
        return None

    def acknowledge(self, inbound: Inbound) -> list[Payload]:
        """Return the calls that stop a messenger's waiting for this event (a pressed button's spinner).

        They are made at once by a task of their own, not in order with answers, and never again: nobody misses one.
        """
        return []

    def handshake(self, request: WebhookRequest, credentials: Credentials) -> str:
        """Answer the provider's GET, with which it asks whether this webhook is ours.

        Raises:
            WebhookRejected: this provider asks nothing, or asked with a wrong token.
        """
        raise WebhookRejected("this provider makes no handshake")
