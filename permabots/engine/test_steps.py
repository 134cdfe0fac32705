"""The steps of a conversation test: each has an incoming message, the user API's response and the expected messages.

As JSON, a step is an object of ``said`` (the person's text) or ``pressed`` (a button's data), ``api`` (where the
handler makes a request: ``status`` and ``data`` of the response), ``messages`` (each with its ``text`` and its
``buttons``, rows of ``label`` and ``data`` or ``url``) and ``state`` (the chat's state afterwards, null for no state).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from permabots.values import Button, DisplayedMessage, Json, Keyboard, storable

MOST_STEPS = 200
"""Steps of one conversation."""


@dataclass(frozen=True, slots=True)
class StubResponse:
    """The response that a step gives in place of the user API.

    Args:
        status: the HTTP status; 0 for an API that does not answer.
        data: the JSON of the response's body.
    """

    status: int
    data: Json


@dataclass(frozen=True, slots=True)
class Step:
    """One incoming message of a conversation test, and the bot's reaction.

    Args:
        text: the person's text, or the data of the pressed button.
        pressed: whether a button was pressed.
        api: the user API's response, None where the handler makes no request.
        messages: the messages that the person then sees.
        state: the name of the chat's state afterwards, None for no state.
    """

    text: str
    pressed: bool
    api: StubResponse | None
    messages: tuple[DisplayedMessage, ...]
    state: str | None

    def as_json(self) -> dict[str, Json]:
        """Return the step as the JSON that `read` takes, storable."""
        step: dict[str, Json] = {"pressed" if self.pressed else "said": self.text}
        if self.api is not None:
            step["api"] = {"status": self.api.status, "data": self.api.data}
        written: dict[str, Json] = storable(
            {**step, "messages": [_written(it) for it in self.messages], "state": self.state}
        )
        return written


def read(value: Json) -> tuple[Step, ...]:
    """Return the steps that were written as JSON.

    Args:
        value: a list of steps, as the module describes them.

    Raises:
        ValueError: the JSON is not such a list; the text names the step and the problem.
    """
    if not isinstance(value, list):
        raise ValueError("The steps are a list.")  # noqa: TRY004 - the caller's JSON is wrong, not a Python type
    if len(value) > MOST_STEPS:
        raise ValueError(f"A conversation has at most {MOST_STEPS} steps.")
    if storable(value) != value:
        raise ValueError("NUL and halves of characters cannot be kept.")
    return tuple(_step(item, f"step {number}") for number, item in enumerate(value, 1))


def _step(value: Json, where: str) -> Step:
    step = _object(value, where, {"messages", "state"}, {"said", "pressed", "api"})
    if ("said" in step) == ("pressed" in step):
        raise ValueError(f"{where}: it has either said or pressed.")
    state = step["state"]
    if state is not None:
        _text(state, f"{where}, state")
    return Step(
        text=_text(step.get("said", step.get("pressed")), f"{where}, what was said"),
        pressed="pressed" in step,
        api=_stub_response(step["api"], f"{where}, api") if "api" in step else None,
        messages=tuple(
            _message(item, f"{where}, message {number}")
            for number, item in enumerate(_list(step["messages"], f"{where}, messages"), 1)
        ),
        state=state,
    )


def _stub_response(value: Json, where: str) -> StubResponse:
    answer = _object(value, where, {"status"}, {"data"})
    status = answer["status"]
    if isinstance(status, bool) or not isinstance(status, int) or not (status == 0 or 200 <= status <= 599):
        raise ValueError(f"{where}: an answer has a status from 200 to 599, and 0 stands for no answer.")
    return StubResponse(status, answer.get("data", {}))


def _message(value: Json, where: str) -> DisplayedMessage:
    message = _object(value, where, {"text"}, {"buttons"})
    rows = _list(message.get("buttons", []), f"{where}, buttons")
    return DisplayedMessage(
        _text(message["text"], f"{where}, text"), tuple(_row(row, f"{where}, buttons") for row in rows)
    )


def _row(value: Json, where: str) -> tuple[Button, ...]:
    return tuple(_button(item, where) for item in _list(value, where))


def _button(value: Json, where: str) -> Button:
    button = _object(value, where, {"label"}, {"data", "url"})
    if ("data" in button) == ("url" in button):
        raise ValueError(f"{where}: a button has either data or a url.")
    texts = {name: _text(item, f"{where}, {name}") for name, item in button.items()}
    return Button(texts["label"], texts.get("data"), texts.get("url"))


def _written(message: DisplayedMessage) -> dict[str, Json]:
    rows = _rows(message.keyboard)
    return {"text": message.text, "buttons": rows} if rows else {"text": message.text}


def _rows(keyboard: Keyboard) -> list[list[dict[str, str]]]:
    return [[_target(button) for button in row] for row in keyboard]


def _target(button: Button) -> dict[str, str]:
    if button.url is not None:
        return {"label": button.label, "url": button.url}
    return {"label": button.label, "data": button.label if button.data is None else button.data}


def _object(value: Json, where: str, wanted: Collection[str], possible: Collection[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{where}: it is an object.")  # noqa: TRY004 - as above
    if missing := sorted(set(wanted) - set(value)):
        raise ValueError(f"{where}: {missing[0]} is missing.")
    if unknown := sorted(set(value) - set(wanted) - set(possible)):
        raise ValueError(f"{where}: there is no {unknown[0][:100]!r}.")
    return value


def _list(value: Json, where: str) -> list[Json]:
    if not isinstance(value, list):
        raise ValueError(f"{where}: it is a list.")  # noqa: TRY004 - as above
    return value


def _text(value: Json, where: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{where}: it is a text.")  # noqa: TRY004 - as above
    return value
