"""The Bot API's path, its tokens and its answers."""

from __future__ import annotations

import math
import re

from permabots.testing.calls import CallHandler, Calling, Refusal
from permabots.testing.faults import Fault, FaultKind
from permabots.testing.http11 import Request
from permabots.testing.telegram.api import Method, MethodCall
from permabots.testing.telegram.arguments import Arguments, read_arguments
from permabots.testing.telegram.errors import api_error, migrated, not_found, too_many_requests, unauthorized
from permabots.testing.telegram.state import TelegramState
from permabots.values import Json

_PATH = re.compile(r"/bot([^/]+)/([A-Za-z]+)/?")


class BotApi(CallHandler):
    """Answers calls to the Bot API.

    Args:
        state: what is known.
        methods: by their names in lower case.
    """

    _state: TelegramState

    def __init__(self, state: TelegramState, methods: dict[str, Method]) -> None:
        super().__init__(state)
        self._methods = methods

    def read(self, request: Request) -> Calling:
        match = _PATH.fullmatch(request.path)
        token, method = match.groups() if match else ("", "")
        return Calling(request, method, bot=0, credential=token)

    def admit(self, calling: Calling) -> None:
        if not calling.method:
            raise not_found()
        arguments = calling.arguments = read_arguments(calling.request)
        calling.bot = self._state.bot(calling.credential).number
        if "chat_id" in arguments:
            calling.chat_id = arguments.integer("chat_id")

    def carry_out(self, calling: Calling) -> Json:
        method = self._methods.get(calling.method.lower())
        if method is None:
            raise not_found()
        bot, arguments = self._state.account(int(calling.bot)), Arguments(calling.arguments)
        return {"ok": True, **method(MethodCall(bot, arguments, calling.request, calling.answered))}

    def refusal(self, fault: Fault, calling: Calling) -> Refusal:
        match fault.kind:
            case FaultKind.REVOKE:
                return unauthorized()
            case FaultKind.TOO_MANY_REQUESTS:
                return too_many_requests(math.ceil(fault.seconds))
            case FaultKind.MIGRATED:
                if calling.chat_id:
                    self._state.migrated[int(calling.chat_id)] = fault.migrate_to_chat_id
                return migrated(fault.migrate_to_chat_id)
        return api_error(fault.status or 400, fault.description or "Bad Request")
