"""``permabots_rotate_keys``: everything is encrypted with the first key, and nobody notices."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError
from django.db import connection

from permabots.models import (
    Bot,
    EnvironmentVar,
    InboundMessage,
    KikBot,
    MessengerBot,
    OutboundMessage,
    TelegramBot,
    WebBot,
)
from permabots.pipeline.answering import compiled_bots
from permabots.pipeline.authoring import signing
from permabots.security.encryption import Encrypted, rotated
from permabots.testing import TelegramServer, text_update
from tests.factories import make_bot, make_handler
from tests.pipeline.conftest import telegram as telegram
from tests.pipeline.talking import bot as bot
from tests.pipeline.talking import drain, statuses
from tests.pipeline.test_integrations import TOKEN
from tests.pipeline.test_secrets import set_by_row
from tests.pipeline.test_webhook import post
from tests.test_commands import run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

MESSAGES = 20


def use(settings: Any, *keys: str) -> None:
    """Go on as a new process with these keys."""
    settings.PERMABOTS = {**getattr(settings, "PERMABOTS", {}), "ENCRYPTION_KEYS": list(keys)}
    compiled_bots.forget()


def printed() -> dict[str, str]:
    lines = run("permabots_rotate_keys", "--batch", "2").splitlines()
    return {table: said for table, _, said in (line.removeprefix("permabots_").partition(": ") for line in lines)}


def test_every_secret_is_encrypted_with_the_first_key_once(settings: Any) -> None:
    bot = make_bot(
        telegram_bot=TelegramBot.objects.create(token="4242:token"),
        kik_bot=KikBot.objects.create(username="shop", api_key="key"),
        messenger_bot=MessengerBot.objects.create(token="page", app_secret="app"),
        web_bot=WebBot.objects.create(slug="shop", identity_secret="s" * 32),
    )
    for number in range(5):
        EnvironmentVar.objects.create(bot=bot, key=f"k{number}", value=f"v{number}", secret=number % 2 == 0)
    signing.rotate(bot)
    revision = Bot.objects.get().revision
    use(settings, Fernet.generate_key().decode())
    assert printed() == {
        "telegrambot": "1 rows encrypted, 0 as they were",
        "kikbot": "1 rows encrypted, 0 as they were",
        "webbot": "1 rows encrypted, 0 as they were",
        "messengerbot": "1 rows encrypted, 0 as they were",
        "environmentvar": "5 rows encrypted, 0 as they were",
        "signingsecret": "1 rows encrypted, 0 as they were",
        "botversion": "6 rows encrypted, 0 as they were",
    }
    assert set(printed().values()) == {
        "0 rows encrypted, 1 as they were",
        "0 rows encrypted, 5 as they were",
        "0 rows encrypted, 6 as they were",
    }
    settings.SECRET_KEY = "another"
    assert sorted(row.value for row in EnvironmentVar.objects.all()) == ["v0", "v1", "v2", "v3", "v4"]
    page = MessengerBot.objects.get()
    assert (TelegramBot.objects.get().token, KikBot.objects.get().api_key) == ("4242:token", "key")
    assert (page.token, page.app_secret) == ("page", "app")
    assert Bot.objects.get().revision == revision, "nothing is compiled anew"


def test_what_no_key_decrypts_is_left_and_told(settings: Any) -> None:
    bot = make_bot()
    EnvironmentVar.objects.create(bot=bot, key="lost", value="v")
    lost = EnvironmentVar.objects.values_list("value", flat=True).get()
    settings.SECRET_KEY = "another"
    EnvironmentVar.objects.create(bot=bot, key="kept", value="v")
    use(settings, Fernet.generate_key().decode())
    with pytest.raises(CommandError, match="3 rows have a secret that no key decrypts"):
        run("permabots_rotate_keys")
    assert EnvironmentVar.objects.values_list("value", flat=True).get(key="lost") == lost
    settings.SECRET_KEY = "a third"
    assert EnvironmentVar.objects.get(key="kept").value == "v"


def test_what_is_written_at_the_same_moment_stays(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    row = EnvironmentVar.objects.create(bot=make_bot(), key="k", value="old")
    use(settings, Fernet.generate_key().decode())
    written: list[str] = []

    def encrypted_meanwhile(stored: Encrypted) -> Encrypted:
        """Another process writes the row after it was read, and before it is written."""
        if not written:
            written.append("new")
            EnvironmentVar.objects.filter(pk=row.pk).update(value="new")
        return rotated(stored)

    monkeypatch.setattr("permabots.pipeline.operating.key_rotation.rotated", encrypted_meanwhile)
    run("permabots_rotate_keys")
    assert EnvironmentVar.objects.get().value == "new"


def test_no_message_is_lost_or_refused_while_keys_are_rotated(
    bot: Bot, telegram: TelegramServer, settings: Any
) -> None:
    settings.PERMABOTS = {**settings.PERMABOTS, "TELEGRAM_RATE": 0, "TELEGRAM_CHAT_RATE": 0}
    make_handler(bot, "^(?P<n>\\d+)$", "{{ env.word }} {{ pattern.n }}")
    EnvironmentVar.objects.create(bot=bot, key="word", value="number")
    first, second, third = (Fernet.generate_key().decode() for _ in range(3))
    use(settings, first, second, third)
    with ThreadPoolExecutor(2) as pool:
        rotations = pool.submit(in_thread, rotate_again_and_again, settings, [first, second, third])
        answered = pool.submit(in_thread, talk, telegram)
        assert set(answered.result()) == {200}
        rotations.result()
    use(settings, third, second, first)
    run("permabots_rotate_keys")
    use(settings, third)
    settings.SECRET_KEY = "another"
    update = text_update(MESSAGES, 7, f"{MESSAGES}", message_id=5000)
    assert post(str(TelegramBot.objects.get().pk), update, telegram.webhook(TOKEN)["secret"]).status_code == 200
    drain(InboundMessage.objects.latest("pk").conversation)
    assert telegram.texts(7) == [f"number {number}" for number in range(MESSAGES + 1)]
    assert set(statuses(InboundMessage)) == {"done"}
    assert set(statuses(OutboundMessage)) == {"sent"}


def in_thread(work: Any, *args: Any) -> Any:
    try:
        return work(*args)
    finally:
        connection.close()


def rotate_again_and_again(settings: Any, keys: list[str]) -> None:
    """Rotate the keys, and the webhook's secret between them."""
    for _ in range(3):
        keys = [*keys[1:], keys[0]]
        use(settings, *keys)
        run("permabots_rotate_keys")
        set_by_row(TelegramBot.objects.get())


def talk(telegram: TelegramServer) -> list[int]:
    """Say one message after another, as Telegram would; returns how the webhook answered each."""
    answers = []
    for number in range(MESSAGES):
        update = text_update(number, 7, f"{number}", message_id=1000 + number)
        row = str(TelegramBot.objects.get().pk)
        answers.append(post(row, update, telegram.webhook(TOKEN)["secret"]).status_code)
        drain(InboundMessage.objects.latest("pk").conversation)
    return answers
