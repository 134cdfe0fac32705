"""A handler on one page: request, parameters, answer and states are saved together, as the REST API saves them."""

from __future__ import annotations

from typing import Any

import pytest

from permabots.models import Bot, Handler, HeaderParam, Request, Response, State, UrlParam
from tests.admin.conftest import Browser, errors
from tests.admin.handler_form import browser_sends, form, rows
from tests.admin.handler_form import handler as handler

pytestmark = [pytest.mark.django_db]


def test_a_handler_is_made_with_all_its_parts(owner: Browser, bot: Bot) -> None:
    menu, end = (State.objects.create(bot=bot, name=name) for name in ("menu", "end"))
    values = form(
        bot=bot.pk,
        source_states=[menu.pk],
        target_state=end.pk,
        text_template="One\r\nTwo",
        keyboard_template="[['Yes']]",
        url_template="http://api/",
        method="Post",
        data='{"a": "{{ message.text }}"}',
        **rows("urlparam", ("q", "1"), ("r", "2"), ("", "")),
        **rows("headerparam", ("X-A", "b")),
    )
    answer = owner.post("handler_add", **values)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/admin/permabots/bot/{bot.pk}/change/")
    made = Handler.objects.get()
    assert (made.bot, made.target_state, list(made.source_states.all())) == (bot, end, [menu])
    assert (made.response.text_template, made.response.keyboard_template) == ("One\nTwo", "[['Yes']]")
    request: Any = made.request
    assert (request.method, request.data) == ("Post", {"a": "{{ message.text }}"})
    assert sorted(request.url_parameters.values_list("key", "value_template")) == [("q", "1"), ("r", "2")]
    assert list(request.header_parameters.values_list("key", "value_template")) == [("X-A", "b")]


def test_a_handler_needs_no_request(owner: Browser, bot: Bot) -> None:
    owner.post("handler_add", **form(bot=bot.pk))
    assert Handler.objects.get().request is None


def test_the_log_names_the_handler_that_was_made(owner: Browser, bot: Bot) -> None:
    owner.post("handler_add", **form(bot=bot.pk))
    assert "greeting" in owner.read("handler_history", Handler.objects.get().pk)
    assert "Added" in owner.read("handler_history", Handler.objects.get().pk)


def test_the_form_shows_what_is_stored(owner: Browser, handler: Handler) -> None:
    source = owner.read("handler_change", handler.pk)
    for text in ("http://api/{{ env.k }}", "&quot;{{ pattern.x }}&quot;", 'value="Post" selected', "\nHi</textarea>"):
        assert text in source
    assert source.count('value="k"') == 2


def test_a_change_that_changes_nothing_changes_nothing(owner: Browser, bot: Bot, handler: Handler) -> None:
    before = bot.definition().handlers
    answer = owner.post("handler_change", handler.pk, **browser_sends(owner, handler))
    assert answer.status_code == 302
    after = Bot.objects.get().definition().handlers
    assert after == before


def test_parameters_are_renamed_deleted_and_added(owner: Browser, handler: Handler) -> None:
    first, second = UrlParam.objects.order_by("created_at")
    header = HeaderParam.objects.get()
    parts = {
        **rows("urlparam", ("new", "v"), ("l", "w"), ("m", "x"), ids=[first.pk, second.pk], gone=[1]),
        **rows("headerparam", ("k", "changed"), ids=[header.pk]),
    }
    answer = owner.post("handler_change", handler.pk, **form(url_template="http://api/", **parts))
    assert answer.status_code == 302
    assert sorted(UrlParam.objects.values_list("key", "value_template")) == [("m", "x"), ("new", "v")]
    assert list(HeaderParam.objects.values_list("pk", "value_template")) == [(header.pk, "changed")]


def test_an_emptied_url_takes_the_request_away(owner: Browser, handler: Handler) -> None:
    sent = {**browser_sends(owner, handler), "url_template": ""}
    assert owner.post("handler_change", handler.pk, **sent).status_code == 302
    handler.refresh_from_db()
    assert handler.request is None
    assert not Request.objects.exists()
    assert not UrlParam.objects.exists()


def test_parameters_without_a_url_are_told(owner: Browser, bot: Bot) -> None:
    values = form(bot=bot.pk, **rows("urlparam", ("q", "1")))
    assert "need a URL" in str(errors(owner.post("handler_add", **values))["url_template"])
    assert not Handler.objects.exists()
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("pattern", "(", "position 0"),
        ("text_template", "a\n{{ b", "line 2"),
        ("text_template", "<div>x</div>", "does not take the tag"),
        ("keyboard_template", "[\n{{", "line 2"),
        ("url_template", "{% if %}", "line 1"),
        ("data", '{"a": "{{"}', "line 1"),
        ("data", "{", "valid JSON"),
        ("data", '{"a": "\\ud83d"}', "cannot be kept"),
        ("name", "", "required"),
        ("target_state", "00000000-0000-0000-0000-000000000000", "not one of the available choices"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(owner: Browser, bot: Bot, field: str, value: str, said: str) -> None:
    answer = owner.post("handler_add", **form(bot=bot.pk, **{"url_template": "http://api/", field: value}))
    assert said in str(errors(answer)[field])
    assert not Handler.objects.exists()


def test_a_key_that_is_given_twice_is_told_at_the_second(owner: Browser, bot: Bot) -> None:
    values = form(bot=bot.pk, url_template="http://api/", **rows("urlparam", ("q", "1"), ("q", "2")))
    answer = owner.post("handler_add", **values)
    formset = answer.context["inline_admin_formsets"][0].formset
    assert formset.errors == [{}, {"key": ["This key is given twice."]}]


def test_a_parameter_that_cannot_be_used_is_told_at_its_field(owner: Browser, bot: Bot) -> None:
    values = form(bot=bot.pk, url_template="http://api/", **rows("headerparam", ("X", "{{")))
    formset = owner.post("handler_add", **values).context["inline_admin_formsets"][1].formset
    assert "line 1" in str(formset.errors[0]["value_template"])


def test_a_pattern_that_may_be_slow_is_told(owner: Browser, bot: Bot) -> None:
    answer = owner.post("handler_add", **form(bot=bot.pk, pattern="(a+)+b"))
    assert answer.status_code == 302
    (message,) = [str(it) for it in owner.get("handler_changelist").context["messages"] if "time limit" in str(it)]
    assert "time limit" in owner.read("handler_change", Handler.objects.get().pk)
    assert message.startswith("greeting: ")


def test_why_a_handler_was_disabled_is_shown_and_forgotten_when_it_is_enabled(owner: Browser, handler: Handler) -> None:
    Handler.objects.update(enabled=False, disabled_reason="its state is gone")
    assert "its state is gone" in owner.read("handler_change", handler.pk)
    assert owner.act("handler_changelist", "enable_handlers", handler) == ["handler: enabled."]
    handler.refresh_from_db()
    assert (handler.enabled, handler.disabled_reason) == (True, "")
    assert owner.act("handler_changelist", "disable_handlers", handler) == ["handler: disabled."]


def test_a_deleted_handler_takes_its_parts_along(owner: Browser, handler: Handler) -> None:
    assert "Are you sure" in owner.read("handler_delete", handler.pk)
    owner.post("handler_delete", handler.pk, post="yes")
    assert [model.objects.count() for model in (Handler, Response, Request, UrlParam)] == [0, 0, 0, 0]


def test_every_save_makes_the_bot_new_for_workers(owner: Browser, bot: Bot, handler: Handler) -> None:
    before = Bot.objects.get().revision
    owner.post("handler_change", handler.pk, **{**browser_sends(owner, handler), "text_template": "New"})
    assert Bot.objects.get().revision > before


def test_a_handler_that_cannot_be_used_any_more_is_told_when_it_is_switched(owner: Browser, handler: Handler) -> None:
    Handler.objects.update(pattern="(")
    (said,) = owner.act("handler_changelist", "enable_handlers", handler)
    assert "position 0" in said
    assert "position 0" in owner.read("handler_change", handler.pk)


@pytest.mark.parametrize("data", ["[" * 100_000, "1" * 4301, "1e999", '{"a": -1e999}', "NaN", "{"])
def test_data_that_no_database_stores_is_refused_in_words(owner: Browser, bot: Bot, data: str) -> None:
    found = errors(owner.post("handler_add", **form(bot=bot.pk, url_template="http://x/", method="Post", data=data)))
    assert "Enter a valid JSON." in str(found)
    assert not Handler.objects.exists()
