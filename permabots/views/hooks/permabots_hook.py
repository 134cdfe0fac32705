"""Notification hooks: the user's own system speaks first."""

from __future__ import annotations

from typing import Any

from django.utils.module_loading import import_string
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from permabots.conf import get_config
from permabots.messages import storable
from permabots.models import Hook
from permabots.tasks import notify


class PermabotsHookView(APIView):
    """Stores what is posted to a hook, and has it delivered to the hook's recipients."""

    permission_classes = [IsAuthenticated]
    parser_classes = [JSONParser]
    renderer_classes = [JSONRenderer]
    throttle_classes: list[Any] = []

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [import_string(path)() for path in get_config().api_authentication_classes]

    def post(self, request: Request, key: str) -> Response:
        """Take any JSON; 200 says that it is on disk, under which id, and for how many recipients.

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
