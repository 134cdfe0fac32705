"""What a new provider gets for nothing: the whole road, the REST API, the admin, the commands."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.test import Client
from rest_framework.authtoken.models import Token

from permabots.models import Bot, ChatState, Contact, InboundMessage, OutboundMessage, Recipient
from permabots.pipeline.authoring import integrations
from permabots.pipeline.authoring.configuration import create_hook
from permabots.pipeline.authoring.simulate import Question, simulate
from permabots.pipeline.receiving import webhook_cache
from tests.factories import make_bot, make_handler
from tests.providers.toy.conftest import KEY
from tests.toy.server import ToyServer

pytestmark = pytest.mark.django_db(transaction=True)

API = "/permabots/api/"


def api(bot: Bot, method: str, path: str, body: Any = None) -> Any:
    """Call the REST API as the bot's owner."""
    headers = {"Authorization": f"Token {Token.objects.get_or_create(user=bot.owner)[0].key}"}
    call = getattr(Client(), method)
    return call(API + path, body, content_type="application/json", headers=headers)


def command(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=out)
    return out.getvalue()


# --- the road ---------------------------------------------------------------------------------------------------------


def test_a_message_comes_in_by_the_webhook_and_its_answer_goes_out(toy: ToyServer, bot: Bot) -> None:
    make_handler(bot, r"size (?P<size>\w)", "<b>{{ pattern.size }}</b> it is", keyboard="[['yes', 'no']]")
    assert toy.say(KEY, "ann", text="size l") == 200
    buttons = [[{"label": "yes", "data": "yes"}, {"label": "no", "data": "no"}]]
    assert toy.sent == [{"chat": "ann", "text": "l it is", "buttons": buttons}]
    message = InboundMessage.objects.get()
    assert (message.provider, message.status, message.text) == ("toy", "done", "size l")
    assert OutboundMessage.objects.get().status == "sent"
    assert Contact.objects.filter(provider="toy", first_name="Ann").count() == 1


def test_a_pressed_button_is_answered_and_its_long_data_comes_back(toy: ToyServer, bot: Bot) -> None:
    long = "x" * 200
    make_handler(bot, "^hello$", "Hi", keyboard=f"[[('more', '{long}')]]")
    make_handler(bot, f"^{long}$", "More")
    toy.say(KEY, "ann", text="hello")
    toy.say(KEY, "ann", pressed=toy.sent[0]["buttons"][0][0]["data"])
    assert toy.texts() == ["Hi", "More"]


def test_a_call_that_is_not_signed_is_refused_and_not_stored(toy: ToyServer, bot: Bot) -> None:
    row: Any = bot.integration("toy")
    answer = Client().post(
        f"/processing/toybot/{row.pk}/", {"id": "e1", "chat": "ann", "text": "x"}, "application/json"
    )
    assert answer.status_code == 403
    assert not InboundMessage.objects.exists()


def test_a_handler_that_moves_the_chat_leaves_its_state(toy: ToyServer, bot: Bot) -> None:
    make_handler(bot, "hello", target_state="greeted")
    toy.say(KEY, "ann", text="hello")
    (state,) = ChatState.objects.all()
    assert (state.provider, state.conversation.chat_id, state.state.name) == ("toy", "ann", "greeted")
    shown = api(bot, "get", f"bots/{bot.pk}/chatstates/toy/").json()
    assert [(one["chat"], one["state"]["name"]) for one in shown] == [("ann", "greeted")]


def test_a_hook_tells_its_recipients(toy: ToyServer, bot: Bot) -> None:
    hook = create_hook(bot, {"name": "order", "response": {"text_template": "New order: {{ data.number }}"}})
    made = api(bot, "post", f"bots/{bot.pk}/hooks/{hook.pk}/recipients/toy/", {"chat_id": "ann", "name": "Ann"})
    assert made.status_code == 201
    assert Recipient.objects.get().provider == "toy"
    headers = {"Authorization": f"Token {Token.objects.get(user=bot.owner).key}"}
    answer = Client().post(f"/processing/hook/{hook.key}/", {"number": 5}, "application/json", headers=headers)
    assert answer.status_code == 200
    assert toy.sent == [{"chat": "ann", "text": "New order: 5"}]
    shown = api(bot, "get", f"bots/{bot.pk}/hooks/{hook.pk}/").json()
    assert [one["chat_id"] for one in shown["toy_recipients"]] == ["ann"]


# --- connecting -------------------------------------------------------------------------------------------------------


def test_the_rest_api_connects_shows_and_disconnects_an_account(toy: ToyServer) -> None:
    bot = make_bot()
    base = f"bots/{bot.pk}/toy/"
    made = api(bot, "post", base, {"key": KEY})
    assert made.status_code == 201
    shown = made.json()
    assert (shown["enabled"], shown["info"]["username"]) == (True, "toy_shop")
    address = Bot.objects.get(pk=bot.pk).integration("toy").absolute_hook_url()
    status = api(bot, "get", f"{base}{shown['id']}/status/").json()
    assert (status["url"], status["expected_url"]) == (address, address) == (toy.webhooks[KEY], address)
    assert api(bot, "get", f"bots/{bot.pk}/").json()["toy_bot"]["id"] == shown["id"]
    assert api(bot, "delete", f"{base}{shown['id']}/").status_code == 204
    assert toy.webhooks[KEY] == ""
    assert api(bot, "get", f"bots/{bot.pk}/").json()["toy_bot"] is None


def test_a_key_that_toy_refuses_connects_nothing(toy: ToyServer) -> None:
    bot = make_bot()
    refused = api(bot, "post", f"bots/{bot.pk}/toy/", {"key": "bad-key"})
    assert refused.status_code == 400
    assert "Toy refused this account" in refused.json()["reason"]
    assert Bot.objects.get(pk=bot.pk).integrations() == []


def test_another_account_replaces_the_first(toy: ToyServer, bot: Bot) -> None:
    first: Any = bot.integration("toy")
    second = integrations.attach(bot, "toy", {"key": "good-key-2"})
    assert toy.webhooks == {KEY: "", "good-key-2": second.webhook_url}
    assert Bot.objects.get(pk=bot.pk).integrations() == [second]
    assert not type(first).objects.filter(pk=first.pk).exists()


def test_an_account_hears_at_once_of_a_switch_of_its_bot(toy: ToyServer, bot: Bot) -> None:
    pk = bot.integration("toy").pk  # type: ignore[union-attr]
    for wanted in (False, True, False):
        bot.separate_topics = wanted
        bot.save()
        target = webhook_cache.get_webhook_target("toy", pk)
        assert target is not None and target.separate_topics is wanted


def test_a_deleted_bot_loses_its_webhook(toy: ToyServer, bot: Bot) -> None:
    row: Any = bot.integration("toy")
    assert api(bot, "delete", f"bots/{bot.pk}/").status_code == 204
    assert toy.webhooks[KEY] == ""
    assert not type(row).objects.exists()


def test_one_bot_serves_both_messengers(toy: ToyServer, bot: Bot) -> None:
    shown = api(bot, "get", f"bots/{bot.pk}/").json()
    assert shown["toy_bot"] is not None
    assert shown["telegram_bot"] is None


# --- what else there is -----------------------------------------------------------------------------------------------


def test_a_conversation_is_simulated(toy: ToyServer, bot: Bot) -> None:
    make_handler(bot, "hello", "Hi {{ message.chat }} on {{ service }}")
    (payload,) = simulate(bot, Question("toy", "hello", chat="ann")).payloads
    assert payload.body == {"chat": "ann", "text": "Hi ann on toy"}
    said = api(bot, "post", f"bots/{bot.pk}/simulate/", {"service": "toy", "text": "hello", "chat": "ann"})
    assert said.status_code == 200
    assert "Hi ann on toy" in said.content.decode()
    assert toy.sent == []


def test_the_commands_know_it(toy: ToyServer, bot: Bot) -> None:
    row: Any = bot.integration("toy")
    assert row.webhook_url in command("permabots_webhook", "info", "--provider", "toy")
    toy.webhooks[KEY] = ""
    assert "lost, webhook set to" in command("permabots_webhook", "restore")
    assert toy.webhooks[KEY] == row.webhook_url


def test_the_documented_methods_of_an_integration_work(toy: ToyServer, bot: Bot) -> None:
    row: Any = bot.integration("toy")
    assert (row.identity, row.hook_url, row.null_url) == ("toy", "permabots:toybot", None)
    row.send_message("ann", "Hello\\nagain", [["yes"]])
    assert toy.texts() == ["Hello", "again"]
    assert row.build_keyboard([["yes"]]) == [[{"label": "yes", "data": "yes"}]]


def test_the_schema_of_the_rest_api_describes_it(toy: ToyServer) -> None:
    schema = Client().get(API + "schema/", headers={"Accept": "application/json"}).content.decode()
    assert "/bots/{bot_id}/toy/" in schema
    assert "/recipients/toy/" in schema


def test_the_admin_has_its_page(toy: ToyServer, bot: Bot, admin_client: Client) -> None:
    row: Any = bot.integration("toy")
    assert "toy_shop" in admin_client.get("/admin/toy/toybot/").content.decode()
    page = admin_client.get(f"/admin/toy/toybot/{row.pk}/change/")
    assert page.status_code == 200
    assert KEY not in page.content.decode()


def test_the_admin_connects_an_account(toy: ToyServer, admin_client: Client) -> None:
    bot = make_bot()
    assert admin_client.get("/admin/toy/toybot/add/").status_code == 200
    said = admin_client.post("/admin/toy/toybot/add/", {"bot": str(bot.pk), "key": KEY, "enabled": "on"})
    assert said.status_code == 302, said.content.decode()
    row: Any = Bot.objects.get(pk=bot.pk).integration("toy")
    assert (row.status, toy.webhooks[KEY]) == ("connected", row.webhook_url)


def test_nothing_is_wrong_with_it(toy: ToyServer) -> None:
    assert [problem for problem in run_checks() if problem.id and problem.id.startswith(("permabots.E", "toy"))] == []
