"""What is secret in the database: encrypted there, plain for whoever uses the row, and no condition of a query."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError
from django.db import connection

from permabots.exceptions import SecretUnreadable
from permabots.models import Bot, EnvironmentVar, KikBot, MessengerBot, TelegramBot
from permabots.models.encrypted import encrypted_fields, stored_values
from permabots.security.encryption import Encrypted
from tests.factories import make_bot

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

SECRET = "4242:very-secret"
COLUMNS = {
    TelegramBot: ["next_webhook_secret", "previous_webhook_secret", "token", "webhook_secret"],
    KikBot: ["api_key"],
    MessengerBot: ["app_secret", "token"],
    EnvironmentVar: ["value"],
}


def in_table(table: Any, column: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table._meta.db_table}")  # noqa: S608 - our own names
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize(("table", "columns"), COLUMNS.items(), ids=lambda it: getattr(it, "__name__", ""))
def test_every_credential_and_variable_is_encrypted(table: Any, columns: list[str]) -> None:
    assert sorted(field.name for field in encrypted_fields(table)) == columns


def test_the_table_has_no_secret_and_the_row_has_it() -> None:
    row = TelegramBot.objects.create(token=SECRET)
    stored = in_table(TelegramBot, "token")
    assert SECRET not in stored
    assert TelegramBot.objects.get().token == SECRET
    assert TelegramBot.objects.only("pk").get().token == SECRET
    row.refresh_from_db()
    assert row.token == SECRET


def test_a_save_writes_a_secret_that_was_changed_and_leaves_the_others() -> None:
    make_bot(telegram_bot=TelegramBot.objects.create(token=SECRET))
    row = Bot.objects.select_related("telegram_bot").get().telegram_bot
    assert row is not None
    stored = in_table(TelegramBot, "token")
    row.enabled = False
    row.save()
    row.save(update_fields=["token"])
    assert in_table(TelegramBot, "token") == stored
    row.token = "4242:another"
    row.save()
    assert in_table(TelegramBot, "token") != stored
    assert TelegramBot.objects.get().token == "4242:another"


def test_no_value_and_no_secret_stay_as_they_are() -> None:
    MessengerBot.objects.create(token=SECRET)
    assert in_table(MessengerBot, "app_secret") == ""
    assert MessengerBot.objects.filter(app_secret="", token__isnull=False).get().app_secret == ""


def test_what_a_query_gives_shows_nothing() -> None:
    TelegramBot.objects.create(token=SECRET)
    (value,) = TelegramBot.objects.values_list("token", flat=True)
    assert isinstance(value, Encrypted)
    assert f"{value} {value!r}" == "<encrypted> <encrypted>"
    assert value.decrypt() == SECRET


@pytest.mark.parametrize(
    "condition",
    [
        {"token": SECRET},
        {"token__startswith": "4"},
        {"token__in": [SECRET]},
        {"token__gt": "4"},
        {"token__regex": "^4"},
        {"token__iexact": SECRET},
        {"token__length": 3},
    ],
    ids=lambda it: next(iter(it)),
)
def test_rows_cannot_be_looked_up_by_a_secret(condition: dict[str, Any]) -> None:
    TelegramBot.objects.create(token=SECRET)
    with pytest.raises(FieldError):
        TelegramBot.objects.filter(**condition).exists()
    with pytest.raises(FieldError):
        Bot.objects.filter(**{f"telegram_bot__{name}": value for name, value in condition.items()}).exists()


@pytest.mark.parametrize(
    "kept",
    [
        lambda first, _: {"ENCRYPTION_KEYS": [Fernet.generate_key().decode(), first]},
        lambda first, _: {"ENCRYPTION_KEYS": [first]},
    ],
    ids=["behind a new one", "as it was"],
)
def test_every_key_decrypts(kept: Any, settings: Any) -> None:
    first = Fernet.generate_key().decode()
    settings.PERMABOTS = {"ENCRYPTION_KEYS": [first]}
    TelegramBot.objects.create(token=SECRET)
    settings.PERMABOTS = kept(first, None)
    assert TelegramBot.objects.get().token == SECRET


def test_without_keys_the_projects_own_secrets_serve_and_go_on_decrypting(settings: Any) -> None:
    TelegramBot.objects.create(token=SECRET)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert TelegramBot.objects.get().token == SECRET
    settings.PERMABOTS = {"ENCRYPTION_KEYS": [Fernet.generate_key().decode()]}
    assert TelegramBot.objects.get().token == SECRET


def test_a_row_without_its_key_can_be_listed_given_a_new_secret_and_deleted(settings: Any) -> None:
    TelegramBot.objects.create(token=SECRET)
    settings.SECRET_KEY = "another"
    (row,) = TelegramBot.objects.all()
    with pytest.raises(SecretUnreadable):
        _ = row.token
    row.token = "4242:new"
    row.save()
    assert TelegramBot.objects.get().token == "4242:new"
    assert set(stored_values(TelegramBot.objects.get())) == {"token"}
    row.delete()
