"""What an author's definition has wrong, and what failed while it was used."""

from __future__ import annotations

from permabots.exceptions.base import PermabotsError


class DefinitionError(PermabotsError):
    """A template, pattern, request or keyboard that the author wrote cannot be used. The text names the line, if known.

    Args:
        message: what is wrong, in words for the author.
        line: the line in the template, counted from 1, or None where there is none.
    """

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message if line is None else f"{message} (line {line})")
        self.message = message
        self.line = line


class PatternError(DefinitionError):
    """A regular expression does not compile."""


class PatternTimeout(PermabotsError):
    """A regular expression ran longer than it may on this text."""


class TemplateError(DefinitionError):
    """A template does not compile, or failed while it was rendered."""


class RenderLimitExceeded(TemplateError):
    """A template ran too long or wrote too much."""


class KeyboardError(DefinitionError):
    """The output of a keyboard template is not a list of buttons."""


class RequestFailed(PermabotsError):
    """A call to a user API has no usable response: refused, timed out, too large, a bad address.

    The error's text becomes ``response.error`` in templates and traces, so it holds no secret.
    """


class NoResponse(RequestFailed):
    """A user API did not answer: no such host, no connection, or too slow. The request itself is not the cause."""
