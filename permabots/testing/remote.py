"""Control clients made from the class that says what can be steered."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from permabots.testing.control import ControlClient, Operations
from permabots.testing.faults import Fault, FaultKind
from permabots.testing.journal import Call, Delivery, Sent, Violation

VALUES: Mapping[str, Callable[..., Any]] = {
    "sent": Sent,
    "calls": Call,
    "deliveries": Delivery,
    "violations": Violation,
}
"""What an entry of an operation's answer is made into."""


def operations(steered: Any, names: Iterable[str]) -> Operations:
    """Return what ``/_control/`` offers: the named methods, a fault given as an object."""
    return {name: getattr(steered, name) for name in names} | {
        "add_fault": lambda fault: steered.add_fault(Fault(**{**fault, "kind": FaultKind(fault["kind"])}))
    }


def remote(name: str, steering: Any) -> Any:
    """Return a subclass whose abstract methods are calls of the control API.

    Args:
        name: of the class.
        steering: an abstract class; its constructor takes no argument, the new one's takes the server's `url`.
    """

    def connect(self: Any, url: str) -> None:
        self._client = ControlClient(url)

    methods = {method: _asking(method, getattr(steering, method)) for method in steering.__abstractmethods__}
    about = (
        f"The methods of a server in another process: those of `{steering.__name__}`.\n\n    Args:\n        url: its"
    )
    space = {
        "__init__": connect,
        "url": property(lambda self: self._client.url),
        "__doc__": f"{about} `url`.\n    ",
        "__module__": steering.__module__,
    }
    return type(name, (steering,), space | methods)


def _asking(name: str, declared: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that asks the server to do what ``declared`` says."""
    signature = inspect.signature(declared)
    value = VALUES.get(name)

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        arguments = dict(list(bound.arguments.items())[1:])
        result = self._client.ask(name, wait=arguments.get("timeout", 0.0), **arguments)
        return [value(**entry) for entry in result] if value else result

    method.__name__, method.__doc__ = name, declared.__doc__
    method.__signature__ = signature  # type: ignore[attr-defined]
    return method
