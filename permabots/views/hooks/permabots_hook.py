"""Notification hooks: the user's own system speaks first."""

from __future__ import annotations

from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from permabots.messages import storable
from permabots.models import Hook
from permabots.tasks import notify
from permabots.views.base import ApiView, BodyParser, FlatFormParser


class PermabotsHookView(ApiView):
    """Stores what is posted to a hook, and has it delivered to the hook's recipients."""

    parser_classes = [BodyParser, FlatFormParser]

    def post(self, request: Request, key: str) -> Response:
        """Take any JSON, or a form; 200 says that it is on disk, under which id, and for how many recipients.

        An ``Idempotency-Key`` header makes the same call a second time the same notification.
        """
        hook = Hook.objects.filter(key=key, bot__owner=request.user.pk, enabled=True).first()
        if hook is None:
            return Response(f"Key {key} not associated to an enabled hook or bot", status=404)
        try:
            data = storable(request.data)
        except ParseError as error:
            return Response(str(error), status=400)
        row = notify(hook, data, request.headers.get("Idempotency-Key"))
        return Response({"id": row.pk, "recipients": row.total})
