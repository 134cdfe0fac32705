"""Steering a stand-in server that runs in another process, over HTTP under ``/_control/``.

``POST /_control/<operation>`` with a JSON object of arguments answers ``{"result": ...}``, or with status 400
``{"error": <class>, "message": ...}``. The Python clients (`TelegramControl`, `UserApiControl`) hide this. For people,
``GET /_control/`` is a page with what the server has written down and what it can be asked.
"""

from __future__ import annotations

import dataclasses
import http.client
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from permabots.testing.http11 import Reply, Request, json_reply
from permabots.values import Json

CONTROL_PREFIX = "/_control/"

Operations = Mapping[str, Callable[..., Any]]
"""Name in the URL -> the function that is called, with its arguments by name."""


class SteeringError(Exception):
    """What a test asked of a stand-in server makes no sense there: the message says why."""


def plain(value: Any) -> Json:
    """Return a value as JSON: dataclasses become objects, tuples lists, bytes text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def serve_control(operations: Operations, request: Request) -> Reply:
    """Answer a request whose path begins with `CONTROL_PREFIX`."""
    operation = operations.get(request.path.removeprefix(CONTROL_PREFIX))
    if operation is None:
        message = f"there is no such operation; there are: {', '.join(sorted(operations))}"
        return json_reply({"error": "SteeringError", "message": message}, 404)
    try:
        arguments = request.json() if request.body else {}
        return json_reply({"result": plain(operation(**arguments))})
    except (SteeringError, TimeoutError, TypeError, ValueError) as error:
        return json_reply({"error": type(error).__name__, "message": str(error)}, 400)


class ControlClient:
    """Calls the control API of a stand-in server.

    Args:
        url: the server's `url`.
        patience: seconds to wait for an answer, besides those an operation may take by itself.
    """

    def __init__(self, url: str, patience: float = 30.0) -> None:
        self.url = url
        self._patience = patience

    def ask(self, operation: str, *, wait: float = 0.0, **arguments: Any) -> Any:
        """Call one operation.

        Args:
            operation: its name.
            wait: seconds it may take by itself, since it waits for something.
            arguments: its arguments, JSON or dataclasses.

        Raises:
            SteeringError: it was refused.
            TimeoutError: what it waited for did not happen.
            OSError: the server cannot be reached.
        """
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection(
            address.hostname or "127.0.0.1", address.port, timeout=wait + self._patience
        )
        try:
            body = json.dumps(plain(arguments)).encode()
            connection.request("POST", CONTROL_PREFIX + operation, body, {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if "error" in answer:
            failure = TimeoutError if answer["error"] == "TimeoutError" else SteeringError
            raise failure(answer["message"])
        return answer["result"]
