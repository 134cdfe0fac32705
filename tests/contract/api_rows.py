"""The decisions by which the REST API and the webhooks answer otherwise than the original."""

from __future__ import annotations

from dataclasses import dataclass

from tests.contract.api_changes import Change

ROWS = {
    "others": "**Another user's object** was a 401",
    "masks": "**Credentials** were answered as they are.",
    "no account": "**No account.** Asking for a provider's account that a bot does not have",
    "one account": "**One account, one bot.** The same Telegram bot under two tokens",
    "replaced": "**Replacing an account** left the old one's webhook live.",
    "tokens": "**A token with something behind it** was sent to Telegram.",
    "new credentials": "**New credentials.** PUT of an account ignored them.",
    "refused change": "**A refused change** of an account was a 500.",
    "patch": "**PATCH** was refused.",
    "doubles": "**Doubles** were taken:",
    "required": "**Required fields.** ``enabled``, ``keyboard_template`` and ``method`` were required in fact",
    "no keyboard": "**No keyboard** was shown as null or as an empty text",
    "cleared": "**Clearing.** A keyboard, a request or a target state could not be taken away.",
    "nested": "**Nested parts** were dropped",
    "limits": "**Limits** differed between POST and PUT.",
    "html": "**HTML.** Only ``b``, ``i``, ``a``, ``code`` and ``pre`` were taken.",
    "keyboards": "**A keyboard that computes** with a value it does not have yet",
    "data": "**Data comes back as it was given.**",
    "data checked": "**Templates in request data** were not checked.",
    "twins": "**States of one name** made some calls a 500.",
    "parameters by PUT": "**Parameters** that PUT did not find by their keys were a 500.",
    "request by PUT": "**A handler without a request** could not be given one",
    "source states": "**Source states.** DELETE deleted the state itself",
    "chat states": "**Chat states** could be put into a state of another user's bot.",
    "echo": "**Answers** echoed the parsed update.",
    "odd updates": "**Odd but authentic updates.**",
    "once": "**Repeated updates.**",
    "handshake": "**A GET of a webhook**",
    "messenger's handshake": "**Messenger's handshake** with a wrong token",
    "messenger's events": "**Events of Messenger**",
    "messenger's signature": "**Messenger without an app secret** took whatever was posted.",
    "signatures": "**A Kik signature in lower case**",
    "headers": "**Authorization headers** that were wrong made a webhook a 401.",
    "forms": "**Form-encoded updates** were accepted.",
    "counted": "**A notification's answer** was empty.",
    "incomplete": "**Data that leave holes** in what a hook says were taken in silence.",
}
"""Name of a decision -> words that ``docs/differences.rst`` has about it."""


@dataclass(frozen=True)
class Decision:
    """How a call's answer differs.

    Args:
        row: the decision that explains it.
        change: makes what is wanted now of what was recorded.
    """

    row: str
    change: Change
