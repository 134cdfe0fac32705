"""Conversations of the playground kept as tests, and run in the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission

from permabots.models import Bot, ConversationTest
from permabots.pipeline.authoring.configuration import change_handler
from tests.admin.conftest import Browser, errors, url
from tests.admin.world import database
from tests.factories import make_handler
from tests.playground.talking import Talk, canned

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def talk(owner: Browser, bot: Bot) -> Talk:
    make_handler(bot, "^hello$", "Hi", target_state="menu", keyboard="[['ask']]")
    make_handler(bot, "^ask$", "{{ response.data.name }}", request={"url_template": "http://127.0.0.1:9/"})
    return Talk(owner, bot)


def ran(browser: Browser, *rows: Any) -> str:
    chosen = {"action": "run_tests", "_selected_action": [row.pk for row in rows]}
    answer = browser.client.post(url("conversationtest_changelist"), chosen)
    return str(answer.content.decode())


def saved(talk: Talk, name: str = "order") -> ConversationTest:
    talk.say("hello")
    talk.press("ask", response=canned({"name": "Ann"}))
    assert talk.save(name).status_code == 201
    return ConversationTest.objects.get(name=name)


def test_a_conversation_is_saved_as_a_test(talk: Talk) -> None:
    test = saved(talk)
    assert (test.bot, test.provider, test.state) == (talk.bot, "telegram", None)
    assert test.steps == [
        {
            "said": "hello",
            "messages": [{"text": "Hi", "buttons": [[{"label": "ask", "data": "ask"}]]}],
            "state": "menu",
        },
        {
            "pressed": "ask",
            "api": {"status": 200, "data": {"name": "Ann"}},
            "messages": [{"text": "Ann"}],
            "state": "menu",
        },
    ]
    assert LogEntry.objects.get().object_id == str(test.pk)


def test_the_state_it_began_in_is_saved(talk: Talk) -> None:
    talk.say("ask", state="menu", response=canned({}))
    answer = talk.save(" second ")
    assert answer.json() == {
        "name": "second",
        "url": url("conversationtest_change", ConversationTest.objects.get().pk),
    }
    assert ConversationTest.objects.get().state == "menu"


def test_a_name_is_taken_once(talk: Talk) -> None:
    saved(talk)
    answer = talk.save()
    assert (answer.status_code, answer.json()["errors"]) == (400, ["The bot has a test of this name already."])


@pytest.mark.parametrize("body", [{"name": ""}, {"name": 7}, {"session": ""}, {"session": "x"}, {"service": "kik"}])
def test_what_cannot_be_saved_is_refused(talk: Talk, body: Any) -> None:
    talk.say("hello")
    answer = talk.save(**{"name": "x", **body})
    assert answer.status_code == 400
    assert not ConversationTest.objects.exists()


def test_whoever_may_add_no_tests_saves_none(talk: Talk) -> None:
    talk.say("hello")
    rights = Permission.objects.filter(content_type__app_label="permabots")
    talk.browser.user.user_permissions.set(rights.exclude(codename="add_conversationtest"))
    assert talk.save().status_code == 403
    assert 'id="save-telegram"' not in talk.browser.read("bot_playground", talk.bot.pk)


def test_tests_are_run_and_pass(talk: Talk) -> None:
    source = ran(talk.browser, saved(talk))
    assert "All 1 passed." in source
    assert f"{talk.bot}, order</a>: passed" in source


def test_a_broken_handler_fails_with_a_diff(talk: Talk) -> None:
    test = saved(talk)
    change_handler(talk.bot.handlers.get(pattern="^hello$"), {"response": {"text_template": "<i>Hey</i>"}})
    before = database()
    source = ran(talk.browser, test)
    assert "1 of 1 failed." in source
    assert '<span class="permabots-diff-less">-&lt; Hi</span>' in source
    assert '<span class="permabots-diff-more">+&lt; &lt;i&gt;Hey&lt;/i&gt;</span>' in source
    assert database() == before


def test_a_test_that_cannot_be_run_says_why(talk: Talk) -> None:
    test = ConversationTest.objects.create(bot=talk.bot, name="x", provider="pigeon")
    assert "It cannot be run: there is no messenger &#x27;pigeon&#x27;." in ran(talk.browser, test)


def test_a_run_in_the_admin_ends_when_its_time_is_over(talk: Talk, settings: Any) -> None:
    test = saved(talk)
    settings.PERMABOTS = {"CONVERSATION_TEST_TIMEOUT": 1e-9}
    assert "It cannot be run: the time for one run" in ran(talk.browser, test)


def test_a_test_is_shown_as_a_conversation_and_renamed(talk: Talk) -> None:
    test = saved(talk)
    assert "&gt; press: ask\n&lt; Ann" in talk.browser.read("conversationtest_change", test.pk)
    talk.browser.post("conversationtest_change", test.pk, name="welcome")
    test.refresh_from_db()
    assert (test.name, len(test.steps)) == ("welcome", 2)


def test_a_test_is_not_renamed_to_the_name_of_another(talk: Talk) -> None:
    test = saved(talk)
    ConversationTest.objects.create(bot=talk.bot, name="other", provider="telegram")
    answer = talk.browser.post("conversationtest_change", test.pk, name="other")
    assert errors(answer) == {"name": ["The bot has a test of this name already."]}


def test_others_do_not_run_it(talk: Talk, stranger: Browser) -> None:
    assert "order" not in ran(stranger, saved(talk))


def test_the_list_says_how_long_a_test_is(talk: Talk) -> None:
    saved(talk)
    assert '<td class="field-length">2</td>' in talk.browser.read("conversationtest_changelist", bot=talk.bot.pk)
