"""Playwright in a thread of its own.

Its synchronous API keeps an event loop running in the thread that uses it, for as long as the browser lives. Django
refuses to touch its database beside a running loop, and whoever starts one there fails, also in tests that have nothing
to do with a browser. So there is one thread for all of it; what tests hold are stand-ins, whose calls are made there.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from playwright import sync_api


class Desk:
    """The thread that everything of Playwright lives in."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="playwright")

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call something there, and return a stand-in for what it returns."""
        given = {name: _bare(value) for name, value in kwargs.items()}
        found = self._thread.submit(function, *map(_bare, args), **given).result()
        return self._wrapped(found)

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()

    def _wrapped(self, found: Any) -> Any:
        if isinstance(found, list):
            return [self._wrapped(it) for it in found]
        return Remote(self, found) if type(found).__module__.startswith("playwright.") else found


class Remote:
    """Stands for an object of Playwright: has what it has.

    Args:
        desk: where it lives.
        thing: the object.
    """

    def __init__(self, desk: Desk, thing: Any) -> None:
        self.desk = desk
        self.thing = thing

    def __getattr__(self, name: str) -> Any:
        if not callable(getattr(type(self.thing), name, None)):
            return self.desk.call(getattr, self.thing, name)
        return lambda *args, **kwargs: self.desk.call(getattr(self.thing, name), *args, **kwargs)

    def __enter__(self) -> Any:
        return self.desk.call(self.thing.__enter__)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.desk.call(self.thing.__exit__, kind, error, trace)


def _bare(value: Any) -> Any:
    return value.thing if isinstance(value, Remote) else value


def expect(thing: Remote) -> Any:
    """Return Playwright's assertions about a page or a locator, which wait until they are true."""
    return thing.desk.call(sync_api.expect, thing)


class Chromium:
    """The system's browser, started once.

    Nothing that it asks for leaves this machine: what is not for 127.0.0.1 goes to a proxy that is not there.

    Args:
        path: the program.
    """

    def __init__(self, path: str) -> None:
        self._desk = Desk()
        self._playwright = self._desk.call(sync_api.sync_playwright().start)
        self._browser = self._playwright.chromium.launch(
            executable_path=path,
            args=["--disable-gpu", "--disable-quic", "--disable-sync", "--force-color-profile=srgb"],
            proxy={"server": "http://127.0.0.1:9", "bypass": "127.0.0.1"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._browser.close()
        self._playwright.stop()
        self._desk.close()

    def context(self, **values: Any) -> Any:
        """Open something like a fresh profile."""
        return self._browser.new_context(**values)
