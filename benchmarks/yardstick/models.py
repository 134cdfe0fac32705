"""Two tables."""

from __future__ import annotations

from django.db import models


class Chat(models.Model):
    """A chat and what is remembered of it."""

    chat_id = models.BigIntegerField(unique=True)
    state = models.JSONField(default=dict)


class Update(models.Model):
    """A message."""

    chat_id = models.BigIntegerField()
    text = models.TextField()
    raw = models.JSONField()
    answered = models.BooleanField(default=False)
