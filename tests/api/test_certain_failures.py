"""What fails whatever comes is refused when it is saved, with its place; what comes to nothing is said."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot
from tests.api.conftest import Api
from tests.factories import make_bot

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

URL = "https://api.example.com/"


@pytest.fixture
def bot() -> Bot:
    return make_bot()


def save(bot: Bot, text: str = "Hi", keyboard: str = "", **request: Any) -> Any:
    body: dict[str, Any] = {"name": "h", "pattern": "x"}
    body["response"] = {"text_template": text, "keyboard_template": keyboard}
    if request:
        body["request"] = {"url_template": URL, "method": "Get", **request}
    return Api(bot.owner).post(f"bots/{bot.pk}/handlers/", body)


def header(key: str, value: str = "1") -> dict[str, str]:
    return {"key": key, "value_template": value}


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'a'|upper(1) }}",
        "{{ 5//0 }}",
        "{{ pattern.n }}{{ 'abc'|wordwrap(0) }}",
        "{% for one in message.items %}{{ one }}{% endfor %}{{ [1]|map|list }}",
        "{% now 'Mars/Base' %}",
    ],
)
def test_a_template_that_fails_for_certain_is_refused(bot: Bot, template: str) -> None:
    refused = save(bot, f"a\n{template}")
    assert (refused.status_code, list(refused.json())) == (400, ["response"])
    assert "line 2" in str(refused.json()["response"]["text_template"])
    assert list(save(bot, url_template=f"{URL}{template}").json()["request"]) == ["url_template"]
    assert list(save(bot, method="Post", data={"a": template}).json()["request"]) == ["data"]
    assert "value_template" in str(save(bot, header_parameters=[header("X-A", template)]).json())


@pytest.mark.parametrize(
    "template",
    [
        "{{ 5 // (pattern.n|int) }}",
        "{% if pattern.n %}{{ 5 // 0 }}{% endif %}",
        "{{ message.text.split(' ')[1]|upper }} {{ (response.data.price * 100)|round(2) }}",
        "{% for n in range(100000) %}{% for m in range(100000) %}{{ 5 // (n + m) }}{% endfor %}{% endfor %}",
        "{% for one in response.data.list|sort(attribute='x')|groupby('y') %}{{ one[0] }}{{ loop.index }}{% endfor %}",
        "{% set x = namespace(n=1) %}{{ cycler('a', 'b').next() }}{{ env.NAME|default('') ~ emoji.pizza }}",
    ],
)
def test_a_template_that_may_work_is_taken(bot: Bot, template: str) -> None:
    assert save(bot, template).status_code == 201


@pytest.mark.parametrize("keyboard", ["[['']]", "[('a','')]", "[['a', ' ']]"])
def test_a_button_that_is_always_empty_is_refused(bot: Bot, keyboard: str) -> None:
    refused = save(bot, keyboard=keyboard)
    assert (refused.status_code, list(refused.json()["response"])) == (400, ["keyboard_template"])


@pytest.mark.parametrize("text", ["<b></b>", "\u200b", "&nbsp;", "{# nothing #}", "{{ '' }}"])
def test_a_text_of_nothing_is_taken_and_said(bot: Bot, text: str) -> None:
    assert save(bot, text, "[['a']]").json()["warnings"] == [
        "Nothing of the text can be seen: it is not sent, and its keyboard neither."
    ]


def test_a_text_that_may_be_something_is_not_warned_of(bot: Bot) -> None:
    assert "warnings" not in save(bot, "<b>{{ message.text }}</b>").json()


@pytest.mark.parametrize(
    ("key", "value", "field"),
    [
        ("X A", "1", "key"),
        (":path", "1", "key"),
        ("Content-Length", "{{ pattern.n }}", "key"),
        ("X-A", "a\nb", "value_template"),
        ("X-A", "{{ 'a\\nb' }}", "value_template"),
    ],
)
def test_a_header_that_cannot_be_sent_is_refused(bot: Bot, key: str, value: str, field: str) -> None:
    refused = save(bot, header_parameters=[header(key, value)])
    assert refused.status_code == 400
    assert f"'{field}'" in str(refused.json())


def test_a_header_that_is_there_in_other_letters_is_refused(bot: Bot) -> None:
    refused = save(bot, header_parameters=[header("X-A"), header("x-a")])
    assert refused.status_code == 400
    assert "the same header as X-A" in str(refused.json())


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("ftp://x/", False),
        ("ftp://{{ env.host }}/", False),
        ("//x", False),
        ("/path/{{ pattern.n }}", False),
        ("http://x:99999/{{ pattern.n }}", False),
        ("http:///x", False),
        ("{{ env.base }}/x", True),
        ("http://{{ env.host }}/x", True),
        ("http://api{{ pattern.n }}.example.com/", True),
        ("{% if pattern.n %}http{% else %}https{% endif %}://x/", True),
        ("https://x:8443?a={{ pattern.n }}", True),
    ],
)
def test_an_address_that_no_request_can_go_to_is_refused(bot: Bot, url: str, taken: bool) -> None:
    answer = save(bot, url_template=url)
    assert answer.status_code == (201 if taken else 400)
    assert taken or list(answer.json()["request"]) == ["url_template"]
