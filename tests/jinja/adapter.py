"""The part of Jinja's interface that its tests use, in front of our templates.

What a test asks for and a bot's author cannot have ends the test with a reason of `ABSENT`: it does not apply.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any, NoReturn

import jinja2
import pytest
from jinja2.exceptions import FilterArgumentError, SecurityError

from permabots.engine.templates import Budget, RenderLimits, render_parameter
from permabots.engine.templates.compile.program import program
from permabots.engine.templates.kinds import PARAMETER
from permabots.exceptions import TemplateError

VALUES = "values that are no JSON"
FUNCTIONS = "filters, tests, globals and policies set from Python"
LOADERS = "loaders: templates that name other templates"
ASYNC = "async"
EXTENSIONS = "extensions"
OPTIONS = "options of the environment, which a bot's author cannot set"
AUTOESCAPE = "Jinja's autoescape: escaping is decided by the place"
INTERNAL = "Jinja's own classes and functions"
ABSENT = frozenset({VALUES, FUNCTIONS, LOADERS, ASYNC, EXTENSIONS, OPTIONS, AUTOESCAPE, INTERNAL})

_OPTIONS = {"loader": LOADERS, "enable_async": ASYNC, "extensions": EXTENSIONS, "autoescape": AUTOESCAPE}
_ATTRIBUTES = {
    **dict.fromkeys(("filters", "tests", "globals", "policies"), FUNCTIONS),
    **dict.fromkeys(("get_template", "select_template", "get_or_select_template", "list_templates"), LOADERS),
    **dict.fromkeys(("is_async", "render_async"), ASYNC),
}
_UNDEFINED = (jinja2.Undefined, jinja2.ChainableUndefined)
_SIGNATURE = inspect.signature(jinja2.Environment)
_MARK = "\x00"


class Refused(
    jinja2.TemplateAssertionError,
    jinja2.UndefinedError,
    SecurityError,
    FilterArgumentError,
    TypeError,
    ValueError,
    OverflowError,
    AttributeError,
):
    """Our one kind of error, as any of those that Jinja's tests wait for."""


class Counter:
    """How many templates the running test has had from us."""

    made = 0


class Environment:
    """Takes the options that change nothing, and ``trim_blocks``, which a replacement does."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        given = _SIGNATURE.bind(*arguments, **options).arguments
        self._trims = given.pop("trim_blocks", False)
        for name, value in given.items():
            harmless = name == "undefined" and value in _UNDEFINED
            if not harmless and value != _SIGNATURE.parameters[name].default:
                pytest.skip(_OPTIONS.get(name, OPTIONS))

    def __init_subclass__(cls) -> None:
        pytest.skip(INTERNAL)

    def __getattr__(self, name: str) -> NoReturn:
        pytest.skip(_ATTRIBUTES.get(name, INTERNAL))

    def from_string(self, source: str, globals: object = None) -> Template:
        """Make a template ready; a wrong one is refused here, as Jinja does it."""
        if globals:
            pytest.skip(FUNCTIONS)
        return Template(re.sub(r"(?<!\+)([%#]\})\n", r"\1", source) if self._trims else source)


class Template:
    """A template that is ready."""

    def __init__(self, source: str, **options: Any) -> None:
        Environment(**options)
        Counter.made += 1
        self._source = source
        _ours(program, PARAMETER, source)

    def __getattr__(self, name: str) -> NoReturn:
        pytest.skip(_ATTRIBUTES.get(name, INTERNAL))

    def render(self, *arguments: Any, **values: Any) -> str:
        """Return what the template writes, nothing escaped."""
        seen = {name: value for name, value in dict(*arguments, **values).items() if _names(self._source, name)}
        return rendered(self._source, as_json(seen))

    @property
    def module(self) -> Module:
        """What the template has defined."""
        return Module(self._source)


class Module:
    """Looks into a template by writing a bit more of it."""

    def __init__(self, source: str) -> None:
        self._source = source

    def __getattr__(self, name: str) -> Defined:
        return Defined(self._source, name)

    def __str__(self) -> str:
        return rendered(self._source, {})


class Defined:
    """One name that a template has defined: compared by what it writes, and called if it is a macro."""

    def __init__(self, source: str, name: str) -> None:
        self._source = source
        self._name = name

    def __getattr__(self, name: str) -> NoReturn:
        pytest.skip(INTERNAL)

    def __eq__(self, other: object) -> bool:
        return self._written("") == str(other)

    __hash__ = None  # type: ignore[assignment]

    def __call__(self, *arguments: Any, **values: Any) -> str:
        return self._written("(*arguments__, **values__)", arguments__=arguments, values__=values)

    def _written(self, call: str, **values: Any) -> str:
        source = f"{self._source}{_MARK}{{{{ {self._name}{call} }}}}"
        return rendered(source, as_json(values)).partition(_MARK)[2]


def rendered(source: str, values: dict[str, Any]) -> str:
    """Return what a template writes."""
    return _ours(render_parameter, source, values, Budget(RenderLimits(timeout=10.0)))


def as_json(value: Any) -> Any:
    """Return a value of a test as one that a template can have: an object of names is a dict, an iterator a list."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return as_json(value._asdict())
    if isinstance(value, dict) and all(isinstance(key, str | int) for key in value):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | range | Iterator):
        return [as_json(item) for item in value]
    if type(value) is tuple:
        return tuple(as_json(item) for item in value)
    pytest.skip(VALUES)


def _ours(function: Any, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except TemplateError as error:
        raise Refused(error.message, error.line or 1) from error


def _names(source: str, name: str) -> bool:
    return bool(re.search(rf"\b{re.escape(name)}\b", source))
