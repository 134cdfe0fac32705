"""What an author may write into a field, asked of the engine and told as Django's `ValidationError`."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from permabots.engine import keyboards, patterns, templates
from permabots.exceptions import DefinitionError
from permabots.messages import Json

validate_token = RegexValidator(r"\A[0-9]+:[-_a-zA-Z0-9]+\Z", "This is not a valid token.", code="token")
"""Telegram's form of a token: the bot's number, a colon, a secret."""


def _ask(check: Callable[[Json], object], value: Json, code: str) -> None:
    try:
        check(value)
    except DefinitionError as error:
        raise ValidationError(str(error), code=code) from error


def validate_pattern(value: str) -> None:
    """Refuse a regular expression that Python's `re` does not compile."""
    _ask(patterns.check_pattern, value, "pattern")


def validate_text_template(value: str) -> None:
    """Refuse a text template that does not compile."""
    _ask(templates.check_text, value, "template")


def validate_url_template(value: str) -> None:
    """Refuse a URL template that does not compile."""
    _ask(templates.check_url, value, "template")


def validate_parameter_template(value: str) -> None:
    """Refuse a parameter's template that does not compile."""
    _ask(templates.check_parameter, value, "template")


def validate_data_template(value: Json) -> None:
    """Refuse request data with a template inside that does not compile."""
    _ask(templates.check_data, value, "template")


def validate_keyboard_template(value: str) -> None:
    """Refuse a keyboard template that does not compile, or does not render to a list of buttons."""
    _ask(keyboards.check_keyboard, value, "keyboard")
