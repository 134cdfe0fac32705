"""What nobody reads of an address or a body is refused: its author would get, or set going, more than they want."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot
from permabots.pipeline.authoring.configuration import create_hook
from permabots.pipeline.hooks.notifications import store
from tests.api.conftest import Api
from tests.factories import make_bot, make_conversation, make_inbound

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def bot() -> Bot:
    return make_bot()


def paths(bot: Bot) -> dict[str, str]:
    hook = create_hook(bot, {"name": "news", "response": {"text_template": "x"}})
    delivery = f"hooks/{hook.pk}/deliveries/{store(hook, {}).pk}"
    message = make_inbound(make_conversation(bot), 1)
    return {
        "messages": "messages/",
        "deliveries": f"hooks/{hook.pk}/deliveries/",
        "outbound": f"{delivery}/outbound/",
        "tests": "tests/",
        "run": "tests/run/",
        "retry all": "messages/retry/",
        "retry one": f"messages/{message.pk}/retry/",
        "retry delivery": f"{delivery}/retry/",
    }


@pytest.mark.parametrize("name", ["messages", "deliveries", "outbound", "tests"])
def test_a_parameter_of_a_list_that_nobody_knows_is_refused(bot: Bot, name: str) -> None:
    path = f"bots/{bot.pk}/{paths(bot)[name]}"
    refused = Api(bot.owner).get(f"{path}?sttus=done")
    assert (refused.status_code, refused.json()) == (400, {"sttus": ["There is no such filter."]})
    assert Api(bot.owner).get(f"{path}?limit=1").status_code == 200


@pytest.mark.parametrize("name", ["run", "retry all", "retry one", "retry delivery"])
@pytest.mark.parametrize(("query", "body"), [("?sttus=done", None), ("", {"test": "1"})])
def test_a_parameter_or_body_of_what_is_set_going_that_nobody_reads_is_refused(
    bot: Bot, name: str, query: str, body: Any
) -> None:
    refused = Api(bot.owner).post(f"bots/{bot.pk}/{paths(bot)[name]}{query}", body)
    assert (refused.status_code, list(refused.json())) == (400, ["sttus" if query else "non_field_errors"])


@pytest.mark.parametrize("path", ["", "handlers/", "hooks/", "env/", "chatstates/telegram/"])
def test_a_parameter_that_is_nearly_one_of_a_list_is_refused(bot: Bot, path: str) -> None:
    path = f"bots/{bot.pk}/{path}" if path else "bots/"
    refused = Api(bot.owner).get(f"{path}?lmit=1")
    assert (refused.status_code, refused.json()) == (
        400,
        {"lmit": ["There is no such parameter. The nearest is limit."]},
    )
    assert Api(bot.owner).get(f"{path}?anything=1").status_code == 200
