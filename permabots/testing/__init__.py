"""Stand-in servers for tests of bots: the messengers and a bot author's API, over real sockets on 127.0.0.1.

`TelegramServer` takes the place of Telegram, `UserApiServer` that of the API that handlers call. Both run in the
test's own process or, as ``python -m permabots.testing.telegram`` and ``python -m permabots.testing.user_api``, in
another one, where `TelegramControl` and `UserApiControl` have the same methods. `running` starts such a process.
Nothing here needs Django.
"""

from permabots.testing.control import SteeringError
from permabots.testing.process import running
from permabots.testing.server import StandInServer
from permabots.testing.telegram import (
    Call,
    Delivery,
    Fault,
    FaultKind,
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
from permabots.testing.wire import Reply, Request, json_reply

__all__ = [
    "Call",
    "Delivery",
    "Fault",
    "FaultKind",
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
