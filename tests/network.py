"""No test connects off this machine: a hook of the interpreter refuses it, whatever library asks.

A refusal is no OSError, so no code under test takes it for a failing network; it is also kept in `REFUSED`, so that
the test fails when another thread asked.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any

REFUSED: list[str] = []

_LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
_SENDS = {"socket.connect", "socket.sendto", "socket.sendmsg"}


class ConnectionRefusedByTests(BaseException):
    """Something tried to reach another machine."""


def install() -> None:
    """Refuse every connection and name look-up of this process that would leave the machine, from now on."""
    sys.addaudithook(_audit)


def _audit(event: str, arguments: tuple[Any, ...], _lookups: set[str] = _LOOKUPS, _sends: set[str] = _SENDS) -> None:
    # The sets are defaults, since an interpreter that ends takes a module's names away before the last audited event.
    if event in _lookups:
        _check(event, _is_local_name(arguments[0]), arguments[0])
    elif event in _sends:
        _check(event, _is_local_address(arguments[0], arguments[1]), arguments[1])


def _check(event: str, allowed: bool, target: object) -> None:
    if not allowed:
        REFUSED.append(f"{event}: {target!r}")
        raise ConnectionRefusedByTests(REFUSED[-1])


def _is_local_address(connection: socket.socket, address: Any) -> bool:
    if connection.family not in {socket.AF_INET, socket.AF_INET6} or address is None:
        return True  # a Unix socket, or data on a connection that was checked when it was made
    try:
        host = ipaddress.ip_address(address[0])
    except ValueError:
        return _is_local_name(address[0])
    return host.is_loopback or host.is_unspecified


def _is_local_name(name: Any) -> bool:
    """Whether a look-up stays here: no name, this machine's, or a number (`inet_aton` knows every way to write one)."""
    text = name.decode() if isinstance(name, bytes) else name
    if not text or text == "localhost" or text == socket.gethostname():
        return True
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return _is_number(text)
    return True


def _is_number(text: str) -> bool:
    try:
        socket.inet_aton(text)
    except OSError:
        return False
    return True
