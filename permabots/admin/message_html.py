"""Messages of a bot as pages show them: with their markup, and their buttons."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString

from permabots.models import OutboundMessage
from permabots.models.registry import providers
from permabots.providers.base import markup
from permabots.values import Button, DisplayedMessage

LINKS = ("http://", "https://", "tg://")
"""The schemes of addresses that a page links to."""


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """One message of the bot.

    Args:
        text: safe HTML.
        rows: rows of buttons.
    """

    text: SafeString
    rows: list[list[Button]]


def shown(message: DisplayedMessage) -> RenderedMessage:
    """Return a message of the bot as a page shows it."""
    runs = markup.parse(message.text) if message.markup else [markup.Run(message.text)]
    html = markup.write(markup.Run(run.text, tuple(filter(_harmless, run.tags))) for run in runs)
    return RenderedMessage(SafeString(html), [[_button(button) for button in row] for row in message.keyboard])


def sent(call: OutboundMessage, slug: str) -> list[RenderedMessage]:
    """Return the messages that a call showed to the person, as the call's provider reads it.

    Args:
        call: the stored call.
        slug: the provider.

    Returns:
        The messages; none where the provider is no longer in use, or where an older version stored calls of another
        shape. The page shows the stored call in any case.
    """
    provider = providers().get(slug)
    try:
        return [shown(message) for message in provider.preview(call.call())] if provider else []
    except (AttributeError, KeyError, TypeError):
        return []


def _harmless(tag: markup.Tag) -> bool:
    return tag.name != "a" or (tag.value or "").lower().startswith(LINKS)


def _button(button: Button) -> Button:
    """Return a button; an address of another scheme than `LINKS` is left out."""
    opens = button.url is None or button.url.lower().startswith(LINKS)
    return button if opens else Button(button.label, button.url)
