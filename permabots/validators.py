"""Validators of the fields that authors write: they call the engine's checks and raise Django's `ValidationError`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from permabots.engine import patterns, templates
from permabots.engine.http.request_building import check_address, check_header
from permabots.engine.templates import keyboards
from permabots.engine.templates.emoji import EMOJI
from permabots.exceptions import DefinitionError, RequestFailed
from permabots.markup import LINK_SCHEMES, refused_links
from permabots.providers.base.markup import tags
from permabots.tag_balance import can_be_closed
from permabots.values import Json

validate_token = RegexValidator(r"\A[0-9]+:[-_a-zA-Z0-9]+\Z", "This is not a valid token.", code="token")
"""Telegram's form of a token: the bot's number, a colon, a secret."""

_BLOCK = re.compile(r"\{\{|\{%|\{#")
_ENDS = {"{{": "}}", "{%": "%}", "{#": "#}"}
_SOME_VALUE = "0"
_TEXT = re.compile(r"\"[^\"]*\"|'[^']*'")


def _ask(check: Callable[[Json], object], value: Json, code: str) -> None:
    try:
        check(value)
    except DefinitionError as error:
        raise ValidationError(str(error), code=code) from error


def validate_pattern(value: str) -> None:
    """Refuse a regular expression that Python's `re` does not compile."""
    _ask(patterns.check_pattern, value, "pattern")


def validate_text_template(value: str) -> None:
    """Refuse a text template that does not compile, or whose HTML Telegram refuses; every problem is reported."""
    problems = [ValidationError(problem, code="html") for problem in _html_problems(value)]
    try:
        _ask(templates.check_text, value, "template")
    except ValidationError as error:
        problems.insert(0, error)
    if problems:
        raise ValidationError(problems)


def _html_problems(template: str) -> Iterator[str]:
    """Say which tags of a template Telegram does not know, which are never closed, and which links open nothing.

    Tags are counted and not paired, and a tag counts as closed if some outcome of the conditions closes it: templates
    like ``{% if a %}<b>{% else %}<i>{% endif %}`` must be possible.
    """
    unknown: dict[str, None] = {}
    counts: Counter[str] = Counter()
    markup = _author_markup(template)
    for name, end, known in tags(markup):
        if known:
            counts[name] += -1 if end else 1
        else:
            unknown[name] = None
    for name in unknown:
        yield f"Telegram does not take the tag <{name}>: to show it, write &lt;{name}&gt;."
    for name, count in counts.items():
        if count and not can_be_closed(template, name):
            less, more = ("closed", "opened") if count > 0 else ("opened", "closed")
            yield f"The tag <{name}> is not {less} as often as it is {more}."
    for address in refused_links(markup):
        if _SOME_VALUE in address.partition(":")[0]:
            continue  # its scheme may be part of a value: {{ env.base }}:8080/
        yield f"A link cannot lead to {address[:100]!r}: Telegram opens {', '.join(sorted(LINK_SCHEMES))} addresses."


def _author_markup(template: str) -> str:
    """Return the markup that the author wrote: the text outside of Jinja's blocks, and string literals with ``<``."""
    pieces, position = [], 0
    for start in _BLOCK.finditer(template):
        if start.start() < position:
            continue
        end = template.find(_ENDS[start.group()], start.end())
        if end < 0:
            break
        pieces.append(template[position : start.start()])
        if start.group() == "{{":
            pieces.append(_SOME_VALUE)  # the value may be part of an attribute, but not of a tag's name
        if start.group() != "{#":
            pieces += [text for text in _TEXT.findall(template, start.end(), end) if "<" in text]
        position = end + 2
    return "".join([*pieces, template[position:]])


def validate_url_template(value: str) -> None:
    """Refuse a URL template that does not compile, or whose fixed part makes every address invalid."""
    _ask(templates.check_url, value, "template")
    if (address := _fixed_address(value)) is not None:
        try:
            check_address(address)
        except RequestFailed as error:
            raise ValidationError(f"No request can go there: {error}.", code="url") from error


def _fixed_address(template: str) -> str | None:
    """Return an address to check: the whole template without blocks, else its text before the first block with a host
    completed where the block may go on with it; None where that text holds no whole scheme.
    """
    head, block, _ = template.strip().partition("{")
    scheme, separator, rest = head.partition("://")
    if not block:
        return head
    if separator and not {"/", "?", "#"}.intersection(scheme):
        return head if {"/", "?", "#"}.intersection(rest) else f"{scheme}://host/"
    return head if head.startswith("/") else None


def validate_header(name: str, template: str) -> None:
    """Refuse a header whose name cannot be sent, or whose value is constant and cannot be sent.

    Args:
        name: the header's name.
        template: the template of its value.

    Raises:
        django.core.exceptions.ValidationError: names the field, ``key`` or ``value_template``.
    """
    try:
        check_header(name, "")
    except RequestFailed as error:
        raise ValidationError({"key": ValidationError(f"It cannot be sent: {error}.", code="header")}) from error
    try:
        if templates.is_constant(template):
            budget = templates.Budget(templates.DRY_LIMITS)
            check_header(name, templates.render_parameter(template, {"emoji": EMOJI}, budget))
    except DefinitionError:
        return  # the field's own validator reports it
    except RequestFailed as error:
        problem = ValidationError(f"It cannot be sent: {error}.", code="header")
        raise ValidationError({"value_template": problem}) from error


def validate_parameter_template(value: str) -> None:
    """Refuse a parameter's template that does not compile."""
    _ask(templates.check_parameter, value, "template")


def validate_data_template(value: Json) -> None:
    """Refuse request data with a template inside that does not compile."""
    _ask(templates.check_data, value, "template")


def validate_keyboard_template(value: str) -> None:
    """Refuse a keyboard template that does not compile, or does not render to a list of buttons."""
    _ask(keyboards.check_keyboard, value, "keyboard")
