"""Every webhook body among the payload fixtures, through the real webhook: what is stored, and who may store it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from permabots.models import Contact, InboundMessage, KikBot, MessengerBot, TelegramBot
from tests.factories import make_bot
from tests.providers import fixtures
from tests.providers.test_registry_contract import suites

pytestmark = pytest.mark.django_db

IGNORED = None
NOT_SERVED = "it is for an account that no bot here serves under the same secret"

TABLE: dict[str, dict[str, list[tuple[str, str] | None]]] = {
    "telegram": {
        "anonymous_admin": [IGNORED],
        "callback_query": [("button", "size:l")],
        "callback_query_game": [IGNORED],
        "callback_query_inaccessible": [("button", "size:l")],
        "callback_query_inline": [("button", "size:l")],
        "channel_post": [IGNORED],
        "contact": [IGNORED],
        "document": [IGNORED],
        "edited_message": [IGNORED],
        "forwarded_text": [("text", "look")],
        "group_command": [("text", "/start promo_42")],
        "group_command_other_bot": [IGNORED],
        "group_mention": [("text", "help")],
        "inline_query": [IGNORED],
        "location": [IGNORED],
        "message_reaction": [IGNORED],
        "migrate_to": [IGNORED],
        "my_chat_member": [IGNORED],
        "other_bot": [IGNORED],
        "photo": [IGNORED],
        "start": [("text", "/start promo_42")],
        "text": [("text", "Is the blue one in stock? 😀 ünï")],
    },
    "kik": {
        "batch": [IGNORED, ("text", "first"), ("text", "second"), ("text", "third")],
        "delivery_receipt": [IGNORED],
        "friend_picker": [IGNORED],
        "is_typing": [IGNORED],
        "link": [IGNORED],
        "picture": [IGNORED],
        "read_receipt": [IGNORED],
        "scan_data": [("text", "/start")],
        "start_chatting": [("text", "/start")],
        "sticker": [IGNORED],
        "suggested_response": [("text", "Yes")],
        "text": [("text", "hello bot ü")],
        "video": [IGNORED],
    },
    "messenger": {
        "batch": [("text", "one"), ("text", "two"), IGNORED],  # the third is for another page
        "changes": [IGNORED],
        "delivery": [IGNORED],
        "echo": [IGNORED],
        "file": [IGNORED],
        "get_started": [("button", "/start promo_42")],
        "handover": [IGNORED],
        "image": [IGNORED],
        "link": [("text", "https://example.test/shoes")],
        "location": [IGNORED],
        "optin": [IGNORED],
        "postback": [("button", "MENU:MAIN")],
        "postback_without_mid": [("button", "MENU:MAIN")],
        "quick_reply": [("button", "COLOR:RED")],
        "reaction": [IGNORED],
        "read": [IGNORED],
        "referral": [("text", "/start summer_sale")],
        "standby": [IGNORED],
        "sticker": [IGNORED],
        "text": [("text", "Do you open on Sunday? ñ")],
    },
}
BODIES = [(slug, name) for slug, names in TABLE.items() for name in names]


def connected(slug: str, **values: str) -> Any:
    """Return an account of the fixtures' bot, as if it had been connected."""
    suite = suites()[slug]
    accounts = {"telegram": "7000000001", "kik": "shop.bot", "messenger": "104455667788990"}
    username = "shop_helper_bot" if slug == "telegram" else ""
    contact = Contact.objects.create(provider=slug, external_id=accounts[slug], username=username)
    table: Any = {"telegram": TelegramBot, "kik": KikBot, "messenger": MessengerBot}[slug]
    columns = {**suite.credentials, **values}
    row = table.objects.create(account=accounts[slug], user_api=contact, status="connected", **columns)
    bot = make_bot()
    setattr(bot, f"{slug}_bot", row)
    bot.save()
    return row


def wire(slug: str, name: str) -> bytes:
    """Return a body as its provider writes it: Facebook without blanks and with escapes, the others as they like."""
    content = fixtures.content(slug, name)
    return json.dumps(content, separators=(",", ":")).encode() if slug == "messenger" else fixtures.body(slug, name)


def post(row: Any, body: bytes, headers: dict[str, str]) -> int:
    address = f"/processing/{row.SLUG}bot/{row.pk}/"
    return Client().post(address, body, content_type="application/json", headers=headers).status_code


def stored() -> list[tuple[str, str] | None]:
    """Return what is stored, in order; an ignored event has no text, and a reason."""
    rows = list(InboundMessage.objects.order_by("id"))
    for row in rows:
        ignored = row.kind == "ignored"
        assert (row.status, row.text is None, bool(row.error)) == (
            "ignored" if ignored else "pending",
            ignored,
            ignored,
        )
    return [IGNORED if row.kind == "ignored" else (row.kind, row.text) for row in rows]


def test_the_table_has_every_body() -> None:
    assert {slug: sorted(names) for slug, names in TABLE.items()} == {
        slug: suite.webhooks() for slug, suite in suites().items() if slug != "toy" and suite.provider.has_webhook
    }


@pytest.mark.parametrize(("slug", "name"), BODIES)
def test_a_signed_body_is_stored_once_as_the_table_says(slug: str, name: str) -> None:
    row, body = connected(slug), wire(slug, name)
    headers = suites()[slug]().sign(body)
    assert [post(row, body, headers), post(row, body, headers)] == [200, 200]
    assert stored() == TABLE[slug][name]


@pytest.mark.parametrize(("slug", "name"), BODIES)
def test_a_body_that_is_not_signed_is_refused_and_not_stored(slug: str, name: str) -> None:
    row, body = connected(slug), wire(slug, name)
    wrong = {header: value[:-1] + "_" for header, value in suites()[slug]().sign(body).items()}
    assert [post(row, body, {}), post(row, body, wrong)] == [403, 403]
    assert stored() == []


@pytest.mark.parametrize("name", TABLE["messenger"])
def test_without_an_app_secret_messenger_is_believed_where_that_is_allowed(name: str, settings: Any) -> None:
    row = connected("messenger", app_secret="")
    assert post(row, wire("messenger", name), {}) == 403
    assert stored() == []
    settings.PERMABOTS = {"MESSENGER_ALLOW_UNSIGNED": True}
    assert post(row, wire("messenger", name), {}) == 200
    assert stored() == TABLE["messenger"][name]


def test_an_event_for_another_page_is_kept_with_its_reason() -> None:
    row, body = connected("messenger"), wire("messenger", "batch")
    post(row, body, suites()["messenger"]().sign(body))
    assert InboundMessage.objects.get(kind="ignored").error == NOT_SERVED


@pytest.mark.parametrize("slug", TABLE)
@pytest.mark.parametrize("body", [b"", b"not JSON", b"[]", b"7"])
def test_a_signed_body_that_is_no_object_is_answered_400(slug: str, body: bytes) -> None:
    assert post(connected(slug), body, suites()[slug]().sign(body)) == 400
    assert stored() == []
