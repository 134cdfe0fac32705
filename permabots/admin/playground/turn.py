"""One turn in the playground: the request of the page's script, and the answer as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from rest_framework.exceptions import ValidationError as Refused

from permabots.admin.formatting import as_json
from permabots.admin.message_html import shown
from permabots.admin.playground.session import Session, SessionSigner
from permabots.admin.transcript import Turn
from permabots.engine.http.responses import parse_response
from permabots.models import Bot, InboundMessage, OutboundMessage
from permabots.pipeline.authoring.conversation_tests import Played, play
from permabots.serializers.observing_simulation import QuestionSerializer
from permabots.values import Json


def body_of(source: bytes) -> Mapping[str, Any]:
    """Return the JSON object that a script sent.

    Raises:
        ValidationError: it is none.
    """
    body = parse_response(200, source)
    if body.error or not isinstance(body.data, dict):
        raise ValidationError("The page sent something that cannot be read: load it anew.", code="body")
    return body.data


def text_of(body: Mapping[str, Any], name: str) -> str:
    """Return a text of a body, "" where the value is no text."""
    value = body.get(name)
    return value if isinstance(value, str) else ""


def turn(bot: Bot, body: Mapping[str, Any], seal: SessionSigner, *, site: str = "admin") -> dict[str, Json]:
    """Say something to a bot.

    Args:
        bot: with its integrations.
        body: ``service``, ``text``, ``kind``; the ``session`` so far, or the ``state`` to begin in; ``response``, null
            to call the API, else its ``status`` and its ``data`` as a text of JSON.
        seal: the signer of this conversation's sessions.
        site: the name of the admin site that links lead to.

    Returns:
        The ``html`` of what was said and answered, the ``session`` and the name of the ``state`` afterwards.

    Raises:
        ValidationError, Refused: something of the body cannot be used.
    """
    token = text_of(body, "session")
    before = seal.open(token) if token else Session(text_of(body, "state") or None, text_of(body, "state") or None)
    asked = {
        **{name: body[name] for name in ("service", "text", "kind") if name in body},
        **{"state": before.state, "contexts": before.contexts, "response": _canned(body.get("response"))},
    }
    checked = QuestionSerializer(data=asked, context={"bot": bot})
    checked.is_valid(raise_exception=True)
    played = play(bot, checked.question())
    state, steps = played.step.state, (*before.steps, played.step.as_json())
    session = seal.close(Session(before.start, state, played.after.contexts, steps))
    return {"html": _html(played, before, site), "session": session, "state": state}


def _canned(value: Json) -> Json:
    if not isinstance(value, dict):
        return None
    answer = parse_response(200, text_of(value, "data").encode("utf-8", "replace"))
    if answer.error:
        raise ValidationError("The API's answer is not JSON.", code="response")
    return {"status": value.get("status"), "data": answer.data}


def _html(played: Played, before: Session, site: str) -> str:
    """Return the HTML that the script puts into the page."""
    step, simulation = played.step, played.simulation
    trace = simulation.outcome.trace
    context = {
        "said": before.label_of(step.text) if step.pressed else step.text,
        "pressed": step.pressed,
        "messages": [shown(message) for message in step.messages],
        "turn": Turn(timezone.now(), (), inbound=InboundMessage(text=step.text), trace=trace),
        "trace": trace,
        "payloads": [as_json(OutboundMessage.stored(payload)) for payload in simulation.payloads],
    }
    request = HttpRequest()
    request.current_app = site  # the template tag for links reads the site's name there
    return render_to_string("admin/permabots/playground_turn.html", {**context, "request": request})


def sentences(error: ValidationError | Refused) -> list[str]:
    """Return the errors as sentences for people."""
    return error.messages if isinstance(error, ValidationError) else list(_sentences(error.detail))


def _sentences(detail: Any) -> Iterator[str]:
    if isinstance(detail, dict):
        for name, found in detail.items():
            yield from (f"{name}: {sentence}" for sentence in _sentences(found))
    elif isinstance(detail, Iterable) and not isinstance(detail, str):
        for item in detail:
            yield from _sentences(item)
    else:
        yield str(detail)
