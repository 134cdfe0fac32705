"""Messages name their bot, so that a bot's newest ones are found by one index."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill(apps: Any, schema_editor: Any) -> None:
    """Give every message the bot of its conversation."""
    using = schema_editor.connection.alias
    conversations = apps.get_model("permabots", "Conversation").objects.filter(pk=OuterRef("conversation_id"))
    messages = apps.get_model("permabots", "InboundMessage").objects.using(using)
    messages.filter(bot=None).update(bot_id=Subquery(conversations.values("bot_id")))


def the_bot(*, null: bool) -> models.ForeignKey:
    """Return the column: empty while the rows there are have none."""
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        editable=False,
        null=null,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="messages",
        to="permabots.bot",
    )


class Migration(migrations.Migration):
    dependencies = [("permabots", "0001_initial")]

    operations = [
        migrations.AddField("inboundmessage", "bot", the_bot(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField("inboundmessage", "bot", the_bot(null=False)),
        migrations.AddIndex("inboundmessage", models.Index(fields=["bot", "-id"], name="permabots_inbound_newest")),
    ]
