"""A stand-in for Messenger: Facebook's Graph API over HTTP on 127.0.0.1, and the people who write to pages.

In a test::

    with MessengerServer() as messenger:
        # let the bot's code use messenger.url in place of https://graph.facebook.com
        messenger.set_callback("http://127.0.0.1:8000/hook/", "verify me", "app secret")
        # the bot subscribes its page: POST /v26.0/me/subscribed_apps, then
        messenger.send_text("page-token", "7712", "hello")
        messenger.wait_for_messages("7712", count=1)
        assert messenger.texts("7712") == ["Hi"]
        messenger.press_button("page-token", "7712", "Show me")

As a process, steered by `MessengerControl` from another one::

    python -m permabots.testing.messenger --port 8082 --deliver-to http://127.0.0.1:8000

It knows ``POST /me/messages``, ``/me/subscribed_apps``, ``GET /me`` and ``GET /<PSID>``, with or without a version,
checks what Facebook checks and refuses in its words. An app has one callback URL for all its pages; events go only to
pages that are subscribed to them, signed where the app's secret is known, several in one POST after `hold` and
`release`. A POST that is not answered 200 within five seconds is made again at once, then later; after an hour of
failures the page is no longer subscribed. `add_fault` lets calls fail.

Any token is a page's, with an id made from the token, but one that contains REJECT (error 190). These people refuse
always: 551551 (551, unavailable), 613613 (613, too many calls), 100100 (100/2018001, no such person), 101010
(10/2018278, wrote too long ago). A title that people do not see whole is accepted and noted in `violations`.
"""

from permabots.testing.journal import Call, Delivery, Sent, Violation
from permabots.testing.messenger.control import MessengerControl
from permabots.testing.messenger.server import MessengerServer
from permabots.testing.messenger.steering import MessengerSteering

__all__ = [
    "Call",
    "Delivery",
    "MessengerControl",
    "MessengerServer",
    "MessengerSteering",
    "Sent",
    "Violation",
]
