"""The words of the page, for its template and for `chat.js`, in the language that is active."""

from __future__ import annotations

from django.utils.translation import pgettext

from permabots.pipeline.web_chat.saying import LONGEST_TEXT


def words(title: str) -> dict[str, str]:
    """Return the words by their names; ``e`` and a status is what the person reads of a refusal.

    Args:
        title: of the chat.
    """
    return {
        "you": pgettext("web chat", "You"),
        "messages": pgettext("web chat", "Messages"),
        "writing": pgettext("web chat", "%(name)s is writing…") % {"name": title},
        "waiting": pgettext("web chat", "Not sent yet, will be sent."),
        "offline": pgettext("web chat", "No connection. What you write will be sent as soon as there is one."),
        "again": pgettext("web chat", "Start again"),
        "yes": pgettext("web chat", "I agree"),
        "no": pgettext("web chat", "Not now"),
        "forget": pgettext("web chat", "Delete this conversation and all that is stored of it?"),
        "delete": pgettext("web chat", "Delete"),
        "keep": pgettext("web chat", "Keep"),
        "forgotten": pgettext("web chat", "The conversation has been deleted."),
        "e400": pgettext("web chat", "This could not be understood. Load the page again."),
        "e401": pgettext("web chat", "This conversation has ended. Send your message again to start a new one."),
        "e403": pgettext("web chat", "No new conversation can begin from here."),
        "e404": pgettext("web chat", "This button is gone."),
        "e413": pgettext("web chat", "The message is too long: %(number)s characters at most.")
        % {"number": LONGEST_TEXT},
        "e429": pgettext("web chat", "Too many messages. Wait a moment, then send it again."),
        "e503": pgettext("web chat", "The chat cannot be reached. Try again in a moment."),
        "unsigned": pgettext("web chat", "The site on which you are must sign you in for this chat."),
        "cookies": pgettext(
            "web chat", "Without JavaScript this chat needs a cookie, and your browser has not kept it."
        ),
    }


def no_chat(status: int) -> str:
    """Return what a person reads where no chat can be shown: there is none, or it cannot be looked for."""
    return pgettext("web chat", "There is no such chat.") if status == 404 else words("")["e503"]
