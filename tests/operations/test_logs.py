"""Log records say what they are about, from the webhook to the send, and tell no text and no secret."""

from __future__ import annotations

import json
import logging
import logging.config
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client

from permabots import logs, tasks
from permabots.logs import FIELDS, Fields, JsonFormatter
from permabots.models import Bot, InboundMessage, OutboundMessage, Recipient
from permabots.pipeline.authoring.configuration import create_hook
from permabots.testing import Fault, FaultKind, TelegramServer, UserApiServer, text_update
from tests.docs.pages import block, words
from tests.factories import make_handler
from tests.pipeline.conftest import telegram as telegram
from tests.pipeline.conftest import user_api as user_api
from tests.pipeline.talking import bot as bot
from tests.waiting import wait_is_over

logger = logs.get_logger("permabots.tests")

WRITTEN = "the text that somebody wrote"


def fields(record: Any) -> dict[str, Any]:
    """Return the fields that apply to a record, by their short names."""
    found = {field.removeprefix("permabots_"): getattr(record, field, "") for field in FIELDS}
    return {name: value for name, value in found.items() if value}


def post(bot: Bot, update: dict[str, Any]) -> None:
    row = bot.telegram_bot
    assert row is not None
    row.refresh_from_db()
    address = f"/processing/telegrambot/{row.pk}/"
    headers = {"X-Telegram-Bot-Api-Secret-Token": row.webhook_secret}
    assert Client().post(address, update, "application/json", headers=headers).status_code == 200


class TestBinding:
    def test_what_is_bound_is_on_the_records_of_the_block_alone(self, caplog: Any) -> None:
        with logs.bind(provider="telegram", conversation=5), logs.bind(conversation=6, inbound=None):
            logger.warning("inside")
        logger.warning("outside")
        assert [fields(record) for record in caplog.records] == [{"provider": "telegram", "conversation": 6}, {}]

    def test_an_error_ends_the_block_too(self, caplog: Any) -> None:
        with pytest.raises(ValueError, match="x"), logs.bind(inbound=1):
            raise ValueError("x")
        logger.warning("outside")
        assert fields(caplog.records[0]) == {}

    def test_threads_do_not_see_each_others_fields(self, caplog: Any) -> None:
        together = threading.Barrier(2, timeout=10)

        def work(number: int) -> None:
            with logs.bind(inbound=number):
                together.wait()
                logger.warning("%s", number)

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, (1, 2)))
        assert {record.getMessage(): fields(record) for record in caplog.records} == {
            "1": {"inbound": 1},
            "2": {"inbound": 2},
        }

    def test_a_handler_may_ask_for_the_fields_of_every_library(self) -> None:
        record = logging.makeLogRecord({"msg": "other"})
        with logs.bind(inbound=3):
            Fields().filter(record)
        assert logging.Formatter("%(permabots_inbound)s %(message)s").format(record) == "3 other"

    def test_what_a_caller_gives_stays(self) -> None:
        record = logging.makeLogRecord({"permabots_inbound": 7})
        with logs.bind(inbound=3):
            Fields().filter(record)
        assert fields(record) == {"inbound": 7}


class TestJson:
    def test_a_record_is_one_line_with_the_fields_that_apply(self) -> None:
        record = logging.makeLogRecord({"name": "permabots.x", "levelname": "INFO", "msg": "%s\n2", "args": ("1",)})
        with logs.bind(provider="kik", inbound=3):
            line = JsonFormatter().format(record)
        assert "\n" not in line
        said = json.loads(line)
        assert said.pop("time").endswith("+00:00")
        assert said == {
            "level": "INFO",
            "logger": "permabots.x",
            "message": "1\n2",
            "permabots_provider": "kik",
            "permabots_inbound": 3,
        }

    def test_a_traceback_is_told(self) -> None:
        try:
            int("why")
        except ValueError:
            record = logging.makeLogRecord({"msg": "x", "exc_info": sys.exc_info()})
        assert json.loads(JsonFormatter().format(record))["exception"].endswith("literal for int() with base 10: 'why'")


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite
class TestRoad:
    @pytest.fixture(autouse=True)
    def _all_lines(self, caplog: Any, monkeypatch: Any) -> None:
        caplog.set_level(logging.INFO, "permabots")
        monkeypatch.setattr("permabots.broker.publish", lambda *_, **__: True)

    def test_a_message_has_one_id_from_its_webhook_to_its_send_and_in_the_users_api(
        self, bot: Bot, telegram: TelegramServer, user_api: UserApiServer, caplog: Any
    ) -> None:
        make_handler(bot, ".*", "Hi", request={"url_template": f"{user_api.base}/list"})
        caplog.clear()
        post(bot, text_update(1, 7, WRITTEN, message_id=5))
        row = InboundMessage.objects.get()
        tasks.drain(row.conversation_id, "telegram")
        call = OutboundMessage.objects.get()
        stored, done, sent = (record for record in caplog.records if fields(record).get("correlation"))
        known = {"correlation": f"permabots-{row.integration_id}-1", "provider": "telegram", "bot": str(bot.pk)}
        assert fields(stored) == known
        assert fields(done) == {**known, "conversation": row.conversation_id, "inbound": row.pk}
        assert fields(sent) == {**fields(done), "outbound": call.pk}
        assert {request.headers["idempotency-key"] for request in user_api.requests} == {known["correlation"]}

    def test_an_answer_that_is_left_from_before_has_the_same_id(
        self, bot: Bot, telegram: TelegramServer, caplog: Any
    ) -> None:
        make_handler(bot, ".*")
        telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="sendMessage", count=1))
        post(bot, text_update(1, 7, WRITTEN, message_id=5))
        row = InboundMessage.objects.get()
        tasks.drain(row.conversation_id, "telegram")
        wait_is_over()
        caplog.clear()
        tasks.drain(row.conversation_id, "telegram")
        (sent,) = caplog.records
        call = OutboundMessage.objects.get()
        assert (call.status, call.attempts) == ("sent", 2)
        assert fields(sent) == {
            "correlation": f"permabots-{row.integration_id}-1",
            "provider": "telegram",
            "bot": str(bot.pk),
            "conversation": row.conversation_id,
            "inbound": row.pk,
            "outbound": call.pk,
        }

    def test_what_is_left_of_a_notification_is_named_by_it(
        self, bot: Bot, telegram: TelegramServer, caplog: Any
    ) -> None:
        hook = create_hook(bot, {"name": "h", "key": "K", "response": {"text_template": "x", "keyboard_template": ""}})
        Recipient.objects.create(hook=hook, provider="telegram", chat_id="7", name="r")
        notice = tasks.notify(hook, {})
        with caplog.at_level(logging.INFO):
            tasks.fan_out(notice.pk)
            call = OutboundMessage.objects.get()
            tasks.drain(call.conversation_id, "telegram")
        (sent,) = (record for record in caplog.records if fields(record).get("outbound"))
        assert fields(sent) == {
            "correlation": f"permabots-notification-{notice.pk}",
            "provider": "telegram",
            "bot": str(bot.pk),
            "conversation": call.conversation_id,
            "outbound": call.pk,
            "notification": notice.pk,
        }

    def test_no_line_and_no_field_tells_a_text_or_a_secret(
        self, bot: Bot, telegram: TelegramServer, caplog: Any
    ) -> None:
        make_handler(bot, ".*", "the answer")
        assert bot.telegram_bot is not None
        secrets = [bot.telegram_bot.token, bot.telegram_bot.webhook_secret, WRITTEN, "the answer"]
        telegram.add_fault(Fault(FaultKind.SERVER_ERROR, method="sendMessage", count=1))
        post(bot, text_update(1, 7, WRITTEN, message_id=5))
        talk = InboundMessage.objects.get().conversation_id
        tasks.drain(talk, "telegram")
        lines = [JsonFormatter().format(record) for record in caplog.records]
        assert len(lines) >= 3
        assert [line for line in lines if any(secret in line for secret in secrets if secret)] == []


def test_the_page_tells_every_field() -> None:
    assert words("operations", "log-fields") == set(FIELDS)


def test_the_settings_of_the_page_write_json() -> None:
    names: dict[str, Any] = {}
    exec(block("operations", "json-log"), names)  # noqa: S102 - our own page
    config = names["LOGGING"]
    made = logging.config.DictConfigurator(config)
    formatter = made.configure_formatter(config["formatters"]["json"])
    assert isinstance(formatter, JsonFormatter)
    assert isinstance(made.configure_filter(config["filters"]["fields"]), Fields)


@pytest.mark.django_db
def test_django_logs_a_refused_post_to_a_hook_without_its_key(bot: Bot, caplog: Any) -> None:
    made = create_hook(bot, {"name": "secret", "response": {"text_template": "x"}, "enabled": False})
    address = f"/processing/hook/{made.key}/"
    assert Client().post(address, {}, "application/json").status_code in {401, 404}
    said = " ".join(record.getMessage() for record in caplog.records if record.name == "django.request")
    assert "/processing/hook/…/" in said
    assert made.key not in said
