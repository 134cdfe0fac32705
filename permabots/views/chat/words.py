"""The words of the page, for its template and for `chat.js`, in the language that is active."""

from __future__ import annotations

from django.utils.translation import gettext as _

from permabots.pipeline.web_chat.saying import LONGEST_TEXT


def words(title: str) -> dict[str, str]:
    """Return the words by their names; ``e`` and a status is what the person reads of a refusal.

    Args:
        title: of the chat.
    """
    return {
        "you": _("You"),
        "messages": _("Messages"),
        "writing": _("%(name)s is writing…") % {"name": title},
        "waiting": _("Not sent yet, will be sent."),
        "offline": _("No connection. What you write will be sent as soon as there is one."),
        "again": _("Start again"),
        "yes": _("I agree"),
        "no": _("Not now"),
        "forget": _("Delete this conversation and all that is stored of it?"),
        "delete": _("Delete"),
        "keep": _("Keep"),
        "forgotten": _("The conversation has been deleted."),
        "e400": _("This could not be understood. Load the page again."),
        "e401": _("This conversation has ended. Send your message again to start a new one."),
        "e403": _("No new conversation can begin from here."),
        "e404": _("This button is gone."),
        "e413": _("The message is too long: %(number)s characters at most.") % {"number": LONGEST_TEXT},
        "e429": _("Too many messages. Wait a moment, then send it again."),
        "e503": _("The chat cannot be reached. Try again in a moment."),
        "unsigned": _("The site on which you are must sign you in for this chat."),
        "cookies": _("Without JavaScript this chat needs a cookie, and your browser has not kept it."),
    }


def no_chat(status: int) -> str:
    """Return what a person reads where no chat can be shown: there is none, or it cannot be looked for."""
    return _("There is no such chat.") if status == 404 else words("")["e503"]
