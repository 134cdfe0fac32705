"""The pipeline."""

from __future__ import annotations

import re

import jinja2
import urllib3
from celery import shared_task
from django.conf import settings
from django.db import transaction

from benchmarks.yardstick.models import Chat, Update

PATTERNS = [re.compile(rf"^/command{number}$") for number in range(9)] + [re.compile(r"^echo (?P<n>\d+)$")]
TEMPLATE = jinja2.Environment(autoescape=True).from_string("{{ n }}")
_http = urllib3.PoolManager()


@shared_task
def answer(update_id: int, chat_id: int) -> None:
    """Answer one message."""
    with transaction.atomic():
        chat, _ = Chat.objects.select_for_update().get_or_create(chat_id=chat_id)
        update = Update.objects.get(pk=update_id)
        found = next(match for pattern in PATTERNS if (match := pattern.search(update.text)))
        text = TEMPLATE.render(found.groupdict())
        Chat.objects.filter(pk=chat.pk).update(state={"last": text})
        Update.objects.filter(pk=update.pk).update(answered=True)
    body = {"chat_id": chat_id, "text": text}
    _http.request("POST", f"{settings.TELEGRAM_API_URL}/bot70000:bench/sendMessage", json=body, timeout=15)
