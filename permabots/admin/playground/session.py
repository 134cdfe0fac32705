"""The session of a conversation in the playground: signed, carried by the page, and stored nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError

from permabots.engine.test_steps import MOST_STEPS
from permabots.values import Json

MAX_AGE = 24 * 60 * 60
"""Seconds after which a conversation has to begin anew."""
MAX_CHARS = 200_000
"""The longest session, signed and compressed, in characters."""
TOO_LONG = "The conversation has become too long to be kept in the page: begin anew."


@dataclass(frozen=True, slots=True)
class Session:
    """A conversation so far.

    Args:
        start: the name of the state that it began in, None for none.
        state: the name of the state that it is in, None for none.
        contexts: the contexts that the chat keeps of earlier states.
        steps: what was said and answered, as `permabots.engine.test_steps` writes it.
    """

    start: str | None = None
    state: str | None = None
    contexts: Mapping[str, Json] = field(default_factory=dict)
    steps: tuple[Json, ...] = ()

    def label_of(self, data: str) -> str:
        """Return the label of the last button with this data; the data where there was no such button."""
        for step in reversed(self.steps):
            for message in step["messages"]:
                for button in (button for row in message.get("buttons", ()) for button in row):
                    if button.get("data") == data:
                        return str(button["label"])
        return data


class SessionSigner:
    """Signs sessions of one user with one bot on one messenger. A session of another user, bot or messenger is refused.

    Args:
        bot: the bot's id.
        user: the person's id.
        service: the provider's slug.
    """

    def __init__(self, bot: Any, user: Any, service: str) -> None:
        self._salt = f"permabots.playground:{bot}:{user}:{service}"

    def close(self, session: Session) -> str:
        """Return the signed session.

        Raises:
            ValidationError: it is too long.
        """
        token = signing.dumps(asdict(session), salt=self._salt, compress=True)
        if len(token) > MAX_CHARS or len(session.steps) > MOST_STEPS:
            raise ValidationError(TOO_LONG, code="session")
        return token

    def open(self, token: str) -> Session:
        """Return the session that was signed.

        Raises:
            ValidationError: the signature is wrong, of another user, bot or messenger, or too old.
        """
        if len(token) > MAX_CHARS:
            raise ValidationError(TOO_LONG, code="session")
        try:
            content = signing.loads(token, salt=self._salt, max_age=MAX_AGE)
        except signing.SignatureExpired:
            raise ValidationError("The conversation is older than a day: begin anew.", code="session") from None
        except signing.BadSignature:
            raise ValidationError("The conversation is not one of this page: begin anew.", code="session") from None
        return Session(**{**content, "steps": tuple(content["steps"])})
