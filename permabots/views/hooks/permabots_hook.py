"""Notification hooks: the user's own system sends messages through a bot."""

from __future__ import annotations

from difflib import get_close_matches

from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from permabots.exceptions import DataIncomplete, KeyReused, QuotaReached, RecipientsUnknown
from permabots.models import Hook, Notification
from permabots.pipeline.hooks import posts
from permabots.pipeline.hooks.recipients import split_names
from permabots.tasks import deliver
from permabots.values import storable
from permabots.views.access.scopes import SENDING, names_bots
from permabots.views.access.throttles import ByHookOwner
from permabots.views.base import ApiView
from permabots.views.parsers import PARSERS

RECIPIENTS = "recipients"
_KEY_LENGTH = Notification._meta.get_field("idempotency_key").max_length or 0


class PermabotsHookView(ApiView):
    """Stores what is posted to a hook, and has it delivered to the hook's recipients."""

    scopes = SENDING
    entrance_classes = []
    throttle_classes = [ByHookOwner]
    parser_classes = PARSERS

    def post(self, request: Request, key: str) -> Response:
        """Store any JSON, or a form; 200 answers the id of the notification and the number of its recipients.

        A repeated call with the same ``Idempotency-Key`` header is the same notification. ``?recipients=`` names the
        recipients of the hook who are told.
        """
        rows = Hook.objects.select_related("bot", "response").filter(bot__owner=request.user.pk)
        if names_bots(request):
            rows = rows.filter(bot__api_tokens=request.auth)  # type: ignore[misc] # an ApiToken then
        # A key with NUL could not be asked for, and is nobody's.
        hook = None if "\0" in key else rows.with_key(key).filter(enabled=True).first()
        if hook is None:
            return Response(f"Key {key} not associated to an enabled hook or bot", status=404)
        try:
            data = storable(request.data)
        except ParseError as error:
            return Response(str(error), status=400)
        try:
            accepted = posts.accept(hook, data, _idempotency_key(request), _names(request))
        except RecipientsUnknown as refusal:
            return Response({RECIPIENTS: refusal.problems}, status=400)
        except DataIncomplete as refusal:
            return Response({"data": refusal.gaps}, status=400)
        except QuotaReached as refusal:
            return Response({"detail": str(refusal)}, status=403)
        except KeyReused as refusal:
            return Response({"detail": str(refusal)}, status=422)
        row = deliver(accepted).row
        warnings = {"warnings": accepted.warnings} if accepted.warnings else {}
        return Response({"id": row.pk, "recipients": row.total, **warnings})


def _names(request: Request) -> list[str] | None:
    """Return the recipients that the caller names, None for all.

    Raises:
        ValidationError: the parameter is misspelt or empty: everybody would be told.
    """
    for name in request.query_params:
        if name != RECIPIENTS and get_close_matches(name.lower(), [RECIPIENTS], cutoff=0.8):
            raise ValidationError({name: [f"There is no such parameter. The nearest is {RECIPIENTS}."]})
    if RECIPIENTS not in request.query_params:
        return None
    names = [name for text in request.query_params.getlist(RECIPIENTS) for name in split_names(storable(text))]
    if not names:
        raise ValidationError({RECIPIENTS: ["This names nobody."]})
    return names


def _idempotency_key(request: Request) -> str | None:
    """Return the caller's key, None for an empty one: otherwise all calls with an empty key would be the same.

    Raises:
        ValidationError: the key cannot be stored unchanged.
    """
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > _KEY_LENGTH:
        words = f"An Idempotency-Key has at most {_KEY_LENGTH} characters, this one has {len(key)}."
        raise ValidationError({"idempotency_key": [words]})
    if not key.isprintable():
        words = "An Idempotency-Key is of printable ASCII characters: percent-encode it where it holds others."
        raise ValidationError({"idempotency_key": [words]})
    return key or None
