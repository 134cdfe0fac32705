"""Stand-in servers for tests of bots: the messengers and a bot author's API, over real sockets on 127.0.0.1.

`TelegramServer`, `MessengerServer` and `KikServer` take the place of a messenger, `UserApiServer` that of the API that
handlers call. They run in the test's own process or, as ``python -m permabots.testing.telegram`` and so on, in another
one, where `TelegramControl`, `MessengerControl`, `KikControl` and `UserApiControl` have the same methods. `running`
starts such a process. None of that needs Django.
"""

from permabots.testing.control import SteeringError
from permabots.testing.faults import Fault, FaultKind
from permabots.testing.http11 import Reply, Request, json_reply
from permabots.testing.kik import KikControl, KikServer, KikSteering
from permabots.testing.messenger import MessengerControl, MessengerServer, MessengerSteering
from permabots.testing.process import running
from permabots.testing.server import StandInServer
from permabots.testing.telegram import (
    Call,
    Delivery,
    Sent,
    TelegramControl,
    TelegramServer,
    TelegramSteering,
    Violation,
)
from permabots.testing.updates import (
    callback_update,
    edited_update,
    member_update,
    message_update,
    migrated_update,
    text_update,
)
from permabots.testing.user_api import UserApiControl, UserApiServer

__all__ = [
    "Call",
    "Delivery",
    "Fault",
    "FaultKind",
    "KikControl",
    "KikServer",
    "KikSteering",
    "MessengerControl",
    "MessengerServer",
    "MessengerSteering",
    "Reply",
    "Request",
    "Sent",
    "StandInServer",
    "SteeringError",
    "TelegramControl",
    "TelegramServer",
    "TelegramSteering",
    "UserApiControl",
    "UserApiServer",
    "Violation",
    "callback_update",
    "edited_update",
    "json_reply",
    "member_update",
    "message_update",
    "migrated_update",
    "running",
    "text_update",
]
