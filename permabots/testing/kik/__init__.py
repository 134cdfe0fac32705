"""A stand-in for Kik: its bot API over HTTP on 127.0.0.1, and the people who write to bots.

Kik's own bot API has been switched off, and its documents are gone. What stands here comes from Kik's libraries;
errors, limits and retries that could not be confirmed are marked so where they are.

In a test::

    with KikServer() as kik:
        # let the bot's code use kik.url in place of https://api.kik.com, and set its webhook by POST /v1/config, then
        kik.send_text("shopbot", "chat1", "ann", "hello")
        kik.wait_for_messages("chat1", count=1)
        assert kik.texts("chat1") == ["Hi"]
        kik.press_button("shopbot", "chat1", "Show me")

As a process, steered by `KikControl` from another one::

    python -m permabots.testing.kik --port 8083 --deliver-to http://127.0.0.1:8000

It knows ``/v1/config``, ``/v1/message`` and ``/v1/user/<username>``. Messages reach the webhook signed, several chats
in one POST after `hold` and `release`; a POST that is not answered 200 is made again. `add_fault` lets calls fail. Any
bot exists whose API key begins with ``gold-``; other keys are refused (401). These people refuse always: blocked403
(403), limited429 (429 with ``Retry-After: 1``), unknown400 (400): Kik's own answers for such cases are not known.
"""

from permabots.testing.journal import Call, Delivery, Sent, Violation
from permabots.testing.kik.control import KikControl
from permabots.testing.kik.server import KikServer
from permabots.testing.kik.steering import KikSteering

__all__ = [
    "Call",
    "Delivery",
    "KikControl",
    "KikServer",
    "KikSteering",
    "Sent",
    "Violation",
]
