"""States, environment variables and hooks."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection

from permabots.admin.base import DELETED
from permabots.models import Bot, EnvironmentVar, Handler, Hook, Recipient, State
from permabots.pipeline.authoring.configuration import create_hook
from tests.admin.conftest import Browser, errors
from tests.admin.world import SECRET
from tests.factories import make_handler

pytestmark = [pytest.mark.django_db]

# --- states -----------------------------------------------------------------------------------------------------------


def test_a_state_is_made_and_renamed(owner: Browser, bot: Bot) -> None:
    owner.post("state_add", bot=bot.pk, name="Main menu")
    state = State.objects.get()
    assert (state.bot, state.key) == (bot, "main_menu")
    owner.post("state_change", state.pk, name="Other")
    state.refresh_from_db()
    assert state.key == "other"


def test_a_state_of_a_name_that_is_there_is_told_at_the_name(owner: Browser, bot: Bot) -> None:
    State.objects.create(bot=bot, name="Main menu")
    answer = owner.post("state_add", bot=bot.pk, name="MAIN  MENU")
    assert "state of this name already" in str(errors(answer)["name"])
    assert State.objects.count() == 1


def test_the_list_of_states_tells_who_uses_them(owner: Browser, bot: Bot) -> None:
    make_handler(bot, source_states=["menu", "end"], target_state="menu")
    make_handler(bot, source_states=["menu"])
    rows = {row.name: row for row in owner.get("state_changelist").context["cl"].result_list}
    assert (rows["menu"].number_in, rows["menu"].number_to, rows["menu"].number_chats) == (2, 1, 0)


def test_a_deleted_state_disables_who_answered_there_only(owner: Browser, bot: Bot) -> None:
    handler = make_handler(bot, source_states=["menu"])
    owner.post("state_delete", State.objects.get().pk, post="yes")
    handler.refresh_from_db()
    assert (handler.enabled, handler.disabled_reason != "") == (False, True)


def test_a_bot_that_is_deleted_while_its_state_is_saved_is_told(owner: Browser, bot: Bot) -> None:
    def delete_first(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.endswith("FOR NO KEY UPDATE"):
            Bot.objects.all().delete()
        return execute(sql, *rest)

    with connection.execute_wrapper(delete_first):
        answer = owner.post("state_add", bot=bot.pk, name="menu")
    assert DELETED in errors(answer)["__all__"]


# --- variables --------------------------------------------------------------------------------------------------------


@pytest.fixture
def secret(bot: Bot) -> EnvironmentVar:
    row: EnvironmentVar = EnvironmentVar.objects.create(bot=bot, key="key", value=SECRET, secret=True)
    return row


def test_a_variable_is_made(owner: Browser, bot: Bot) -> None:
    owner.post("environmentvar_add", bot=bot.pk, key="k", value="v")
    row = EnvironmentVar.objects.get()
    assert (row.bot_id, row.key, row.value, row.secret) == (bot.pk, "k", "v", False)


def test_a_key_that_is_there_is_told_at_the_key(owner: Browser, bot: Bot, secret: EnvironmentVar) -> None:
    answer = owner.post("environmentvar_add", bot=bot.pk, key="key", value="v")
    assert "variable of this key already" in str(errors(answer)["key"])


def test_a_secret_is_on_no_page(owner: Browser, bot: Bot, secret: EnvironmentVar) -> None:
    sources = [
        owner.read("environmentvar_changelist"),
        owner.read("environmentvar_change", secret.pk),
        owner.read("environmentvar_delete", secret.pk),
        owner.read("bot_change", bot.pk),
    ]
    assert not [source for source in sources if SECRET in source]
    assert all("••••6789" in source for source in (sources[0], sources[1], sources[3]))


def test_a_secret_that_is_not_typed_stays(owner: Browser, secret: EnvironmentVar) -> None:
    owner.post("environmentvar_change", secret.pk, key="renamed", secret="on", value="")
    secret.refresh_from_db()
    assert (secret.key, secret.value) == ("renamed", SECRET)


def test_a_secret_that_is_typed_is_new(owner: Browser, secret: EnvironmentVar) -> None:
    owner.post("environmentvar_change", secret.pk, key="key", secret="on", value="another")
    secret.refresh_from_db()
    assert secret.value == "another"


def test_a_secret_is_not_shown_by_calling_it_none(owner: Browser, secret: EnvironmentVar) -> None:
    answer = owner.post("environmentvar_change", secret.pk, key="key", value="")
    assert "type its value anew" in str(errors(answer)["value"])
    secret.refresh_from_db()
    assert secret.secret


def test_a_variable_that_is_no_secret_is_shown_and_may_become_one(owner: Browser, bot: Bot) -> None:
    row = EnvironmentVar.objects.create(bot=bot, key="open", value="for all to see")
    assert 'value="for all to see"' in owner.read("environmentvar_change", row.pk)
    owner.post("environmentvar_change", row.pk, key="open", secret="on", value="for all to see")
    assert "for all to see" not in owner.read("environmentvar_change", row.pk)


# --- hooks ------------------------------------------------------------------------------------------------------------


def recipients(slug: str, place: int, *rows: dict[str, Any], old: int = 0) -> dict[str, Any]:
    name = "recipients" if place == 0 else f"recipients-{place + 1}"
    sent = {f"{name}-{number}-{key}": value for number, row in enumerate(rows) for key, value in row.items()}
    return {**sent, f"{name}-TOTAL_FORMS": len(rows), f"{name}-INITIAL_FORMS": old}


def hook_form(*telegram: dict[str, Any], kik: Any = (), old: int = 0, **values: Any) -> dict[str, Any]:
    return {
        **{"name": "news", "enabled": "on", "text_template": "{{ data }}", "keyboard_template": ""},
        **recipients("telegram", 0, *telegram, old=old),
        **recipients("kik", 1, *kik),
        **recipients("messenger", 2),
        **recipients("web", 3),
        **values,
    }


@pytest.fixture
def hook(bot: Bot) -> Hook:
    return create_hook(bot, {"name": "news", "response": {"text_template": "x"}})


def test_a_hook_is_made_with_its_answer_and_recipients(owner: Browser, bot: Bot) -> None:
    kik = [{"name": "Bob", "chat_id": "c-1", "user_id": "bob"}]
    answer = owner.post("hook_add", bot=bot.pk, **hook_form({"name": "Ann", "chat_id": "-7"}, kik=kik))
    assert answer.status_code == 302
    hook = Hook.objects.get()
    assert (hook.bot, hook.response.text_template, len(hook.key)) == (bot, "{{ data }}", 22)
    found = hook.recipients.values_list("provider", "chat_id", "user_id", "name")
    assert sorted(found) == [("kik", "c-1", "bob", "Bob"), ("telegram", "-7", "", "Ann")]


def is_checked(page: str, name: str) -> bool:
    (box,) = re.findall(rf"<input[^>]* name=\"{name}\"[^>]*>", page)
    return " checked" in box


def test_a_hook_made_here_is_strict_unless_its_box_is_emptied(owner: Browser, bot: Bot) -> None:
    assert is_checked(owner.read("hook_add"), "strict")
    owner.post("hook_add", bot=bot.pk, **hook_form(strict="on"))
    assert Hook.objects.get().strict is True
    owner.post("hook_change", Hook.objects.get().pk, **hook_form())
    assert Hook.objects.get().strict is False
    assert not is_checked(owner.read("hook_change", Hook.objects.get().pk), "strict")


def test_the_url_of_a_hook_is_shown_to_be_copied(owner: Browser, bot: Bot, hook: Hook, settings: Any) -> None:
    settings.PERMABOTS = {"WEBHOOK_DOMAIN": "https://bots.example.com"}
    url = f"https://bots.example.com/processing/hook/{hook.key}/"
    pages = [owner.read("hook_change", hook.pk), owner.read("bot_change", bot.pk), owner.read("hook_changelist")]
    assert all(url in page for page in pages)


def test_a_domain_that_cannot_be_used_is_told_in_its_place(owner: Browser, hook: Hook, settings: Any) -> None:
    settings.PERMABOTS = {"WEBHOOK_DOMAIN": "http://bots.example.com"}
    assert "must be https" in owner.read("hook_change", hook.pk)


def test_a_project_without_the_urls_is_told(owner: Browser, hook: Hook, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.admin.urls_without_processing"
    assert "urls_processing is not in" in owner.read("hook_change", hook.pk)


def test_a_hook_keeps_its_key(owner: Browser, hook: Hook) -> None:
    owner.post("hook_change", hook.pk, **hook_form(key="mine", name="renamed"))
    assert Hook.objects.values_list("name", "key").get() == ("renamed", hook.key)


@pytest.mark.parametrize("chat", ["abc", "1.5", str(2**63)])
def test_a_chat_that_is_no_number_is_told_where_chats_are_numbers(owner: Browser, hook: Hook, chat: str) -> None:
    answer = owner.post("hook_change", hook.pk, **hook_form({"name": "Ann", "chat_id": chat}))
    formset = answer.context["inline_admin_formsets"][0].formset
    assert list(formset.errors[0]) == ["chat_id"]
    assert "ErrorDetail" not in str(formset.errors)


def test_a_recipient_that_is_there_is_told(owner: Browser, hook: Hook) -> None:
    Recipient.objects.create(hook=hook, provider="telegram", chat_id="7", name="Ann")
    row = Recipient.objects.get()
    old = {"id": row.pk, "hook": hook.pk, "name": "Ann", "chat_id": "7"}
    answer = owner.post("hook_change", hook.pk, **hook_form(old, {"name": "Ann", "chat_id": "7"}, old=1))
    assert answer.status_code == 200
    assert Recipient.objects.count() == 1


def test_the_topics_of_a_chat_are_recipients_where_the_messenger_has_topics(owner: Browser, hook: Hook) -> None:
    forum = [{"name": "x", "chat_id": "-7", "topic": topic} for topic in ("", "77", "078")]
    assert owner.post("hook_change", hook.pk, **hook_form(*forum)).status_code == 302
    assert sorted(Recipient.objects.values_list("topic", flat=True)) == ["", "77", "78"]
    answer = owner.post("hook_add", bot=hook.bot.pk, **hook_form({"name": "x", "chat_id": "-7", "topic": "General"}))
    first, *others = (inline.formset for inline in answer.context["inline_admin_formsets"])
    assert list(first.errors[0]) == ["topic"]
    assert [name for formset in others for name in formset.empty_form.fields if name == "topic"] == []


def test_the_same_chat_at_two_messengers_is_two_recipients(owner: Browser, bot: Bot) -> None:
    kik = [{"name": "Ann", "chat_id": "7", "user_id": "ann"}]
    assert owner.post("hook_add", bot=bot.pk, **hook_form({"name": "Ann", "chat_id": "7"}, kik=kik)).status_code == 302
    assert Recipient.objects.count() == 2


def test_a_recipient_is_deleted(owner: Browser, hook: Hook) -> None:
    row = Recipient.objects.create(hook=hook, provider="telegram", chat_id="7", name="Ann")
    old = {"id": row.pk, "hook": hook.pk, "name": "Ann", "chat_id": "7", "DELETE": "on"}
    assert owner.post("hook_change", hook.pk, **hook_form(old, old=1)).status_code == 302
    assert not Recipient.objects.exists()


def test_a_template_that_cannot_be_used_is_told_at_its_field(owner: Browser, hook: Hook) -> None:
    answer = owner.post("hook_change", hook.pk, **hook_form(text_template="a\n{% x %}"))
    assert "line 2" in str(errors(answer)["text_template"])


def test_a_deleted_hook_is_told_with_what_goes_along(owner: Browser, hook: Hook) -> None:
    Recipient.objects.create(hook=hook, provider="telegram", chat_id="7", name="Ann")
    counts = dict(owner.get("hook_delete", hook.pk).context["model_count"])
    assert counts == {"hooks": 1, "recipients": 1, "notifications": 0}
    owner.post("hook_delete", hook.pk, post="yes")
    assert not Hook.objects.exists()


def test_a_row_that_is_deleted_while_it_is_edited_is_not_there(owner: Browser, bot: Bot) -> None:
    handler = make_handler(bot)
    Handler.objects.all().delete()
    assert owner.client.post(f"/admin/permabots/handler/{handler.pk}/change/").status_code == 404
