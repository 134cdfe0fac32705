"""The webhook."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from benchmarks.yardstick.models import Update
from benchmarks.yardstick.tasks import answer


@csrf_exempt
def webhook(request: HttpRequest) -> HttpResponse:
    """Store a message and publish a task."""
    update = json.loads(request.body)
    message = update["message"]
    row = Update.objects.create(chat_id=message["chat"]["id"], text=message["text"], raw=update)
    answer.delay(row.pk, row.chat_id)
    return HttpResponse(b"{}", content_type="application/json", headers={"Content-Length": "2"})
