"""Whoever saves a template that reads what nothing gives is told so, by REST and in the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages

from permabots.models import Bot
from tests.admin.conftest import Browser
from tests.api.conftest import Api
from tests.factories import make_bot

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

NOBODY = "is read by a template, and nothing gives it."


@pytest.fixture
def bot() -> Bot:
    bot = make_bot()
    bot.env_vars.create(key="api-url", value="https://api.example.com")
    bot.env_vars.create(key="token", value="t")
    return bot


def warnings(bot: Bot, path: str, body: Any) -> list[str]:
    answer = Api(bot.owner).post(f"bots/{bot.pk}/{path}/", body)
    assert answer.status_code == 201, answer.content
    found: list[str] = answer.json().get("warnings", [])
    return found


def handler(text: str, **values: Any) -> dict[str, Any]:
    return {"name": "h", "pattern": r"^order (?P<number>\d+)$", "response": {"text_template": text}, **values}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ user.name.first }} {{ user.age }}", [f"user.name.first {NOBODY}"]),
        ("{{ massage.text }}", [f"massage.text {NOBODY} The nearest is message."]),
        ("{{ data.x }}", [f"data.x {NOBODY}"]),
        (
            "{{ env.api-url }}",
            [
                "env.api is read by a template, and the bot has no such variable. "
                "The variable api-url is read as env['api-url'].",
                f"url {NOBODY}",
            ],
        ),
        ("{{ env.tokn }}", ["env.tokn is read by a template, and the bot has no such variable. The nearest is token."]),
        (
            "{{ pattern.numbr }}",
            ["pattern.numbr is read by a template, and the pattern has no such group. The nearest is number."],
        ),
        ("{{ emoji.no_such_face }}", ["emoji.no_such_face is read by a template, and there is no such emoji."]),
        (
            "{{ response.data.x }}{{ response.status }}",
            [
                "response.data.x is read by a template, and the handler makes no request.",
                "response.status is read by a template, and the handler makes no request.",
            ],
        ),
        ("{{ env['api-url'] }}{{ env.token }}{{ pattern.number }}{{ emoji.smile }}", []),
        ("{{ service }}{{ message.text }}{{ state_context._start.pattern.x }}{{ range(3)|list }}", []),
        ("{% set a = 1 %}{{ a }}{% for x in [1] %}{{ x }}{{ loop.index }}{% endfor %}", []),
    ],
)
def test_a_handler(bot: Bot, text: str, said: list[str]) -> None:
    assert warnings(bot, "handlers", handler(text)) == said


def test_every_template_of_a_handler_is_looked_at(bot: Bot) -> None:
    request = {
        "url_template": "https://api.example.com/{{ a }}",
        "method": "Post",
        "data": {"list": ["{{ b }}"]},
        "url_parameters": [{"key": "q", "value_template": "{{ c }}"}],
        "header_parameters": [{"key": "X", "value_template": "{{ d }}"}],
    }
    response = {"text_template": "{{ response.data.x }}", "keyboard_template": "[['{{ e }}']]"}
    said = warnings(bot, "handlers", handler("", request=request, response=response))
    assert sorted(said) == [f"{name} {NOBODY}" for name in "abcde"]


def test_a_change_is_looked_at_as_a_whole(bot: Bot) -> None:
    api, path = Api(bot.owner), f"bots/{bot.pk}/handlers/"
    made = api.post(path, handler("{{ pattern.number }}")).json()
    changed = api.patch(f"{path}{made['id']}/", {"pattern": "^order$"}).json()
    assert changed["warnings"] == ["pattern.number is read by a template, and the pattern has no such group."]
    assert "warnings" not in api.get(f"{path}{made['id']}/").json()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ data.x }}{{ recipient.name }}{{ env.token }}", []),
        ("{{ message.text }}", [f"message.text {NOBODY}"]),
        ("{{ number }}", [f"number {NOBODY}"]),
    ],
)
def test_a_hook(bot: Bot, text: str, said: list[str]) -> None:
    assert warnings(bot, "hooks", {"name": "k", "response": {"text_template": text}}) == said


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("shop", []),
        ("shop-url", ["Templates read this variable as env['shop-url']: env.shop-url is something else."]),
        ("2nd", ["Templates read this variable as env['2nd']: env.2nd is something else."]),
        ("it's", ["Templates read this variable as env[\"it's\"]: env.it's is something else."]),
    ],
)
def test_a_variable(bot: Bot, key: str, said: list[str]) -> None:
    assert warnings(bot, "env", {"key": key, "value": "x"}) == said


def test_the_admin_says_the_same(bot: Bot) -> None:
    bot.owner.is_staff = bot.owner.is_superuser = True
    bot.owner.save()
    browser = Browser(bot.owner)
    answer = browser.post("environmentvar_add", bot=bot.pk, key="a-b", value="x")
    assert [str(it) for it in get_messages(answer.wsgi_request)][:1] == [
        "a-b: Templates read this variable as env['a-b']: env.a-b is something else."
    ]
