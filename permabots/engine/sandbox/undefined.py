"""What a template gets for a name that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jinja2 import Undefined

from permabots.engine.sandbox.budget import running


class Missing(Undefined):
    """Renders as nothing, holds nothing, and so does whatever is looked up in it or called on it.

    Its dotted name is noted in the running budget when it is shown or iterated over. Asking whether it is there
    (``if x``, ``x is defined``, ``x|default(…)``) is not a mistake, and is not noted. Computing with it is an error.
    """

    __slots__ = ()

    @property
    def _path(self) -> str:
        """The dotted name, "" where it has none, as the result of an ``if`` without ``else``."""
        return self._undefined_name or ""

    @property
    def _undefined_message(self) -> str:
        return f"{self._path!r} is undefined" if self._path else self._undefined_hint or "a value is undefined"

    def _within(self, key: object) -> Missing:
        """Return what is missing inside of it."""
        return Missing(name=f"{self._path}.{key}" if self._path else None)

    def __getattr__(self, name: str) -> Missing:
        if name.startswith("__"):
            raise AttributeError(name)  # Python asks for these, a template cannot
        return self._within(name)

    def __getitem__(self, key: object) -> Missing:  # type: ignore[override] # what Jinja refuses
        return self._within(key)

    def __call__(self, *args: Any, **kwargs: Any) -> Missing:  # type: ignore[override]
        return Missing(name=f"{self._path}()" if self._path else None)

    def __str__(self) -> str:
        self._note()
        return ""

    def __iter__(self) -> Iterator[Any]:
        self._note()
        return iter(())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Missing)

    __hash__ = Undefined.__hash__

    def _note(self) -> None:
        if self._path:
            running.get().note_undefined(self._path)
