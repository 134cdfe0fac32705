"""The demo's bot takes orders for a coffee shop; its API is the shop's."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from permabots.testing import Reply, Request, UserApiServer, json_reply

TOKEN = "7000000001:demo-token-of-the-stand-in"  # noqa: S105 - the stand-in Telegram takes any
KIK_BOT, KIK_KEY = "cornercafe", "gold-demo"  # the stand-in Kik takes keys that begin so
PAGE_TOKEN, APP_SECRET = "demo-page-token", "demo-app-secret"  # the stand-in Messenger takes any
CHAT = "shop"  # the last part of the address of the web chat
MENU = {
    "espresso": {"id": "espresso", "name": "Espresso", "price": "2.20"},
    "flat_white": {"id": "flat_white", "name": "Flat white", "price": "3.60"},
    "tea": {"id": "tea", "name": "Tea & biscuits", "price": "4.10"},
}

VARIABLES = {"shop": "The Corner <i>Café</i>"}

HANDLERS: list[dict[str, Any]] = [
    {
        "name": "welcome",
        "pattern": "^/start",
        "request": {"url_template": "{{ env.api }}/menu"},
        "response": {
            "text_template": (
                "Hello{% if service == 'telegram' %} {{ message.message.from_user.first_name }}"
                "{% elif service == 'kik' %} {{ message['from'] }}{% endif %}, "
                "welcome to {{ env.shop }} {{ emoji.hot_beverage }}\n"
                "What would you like?"
            ),
            "keyboard_template": (
                # On Kik a button sends what it shows.
                "[{% for item in response.data %}"
                "[{% if service == 'kik' %}'order {{ item.id }}'"
                "{% else %}('{{ item.name }} · {{ item.price }} €', 'order {{ item.id }}'){% endif %}],"
                "{% endfor %}]"
            ),
        },
        "target_state": "Choosing",
    },
    {
        "name": "choose",
        "pattern": r"^order (?P<item>\w+)$",
        "source_states": ["Choosing"],
        "request": {"url_template": "{{ env.api }}/menu/{{ pattern.item }}"},
        "response": {
            "text_template": (
                "{% if response.status == 200 %}<b>{{ response.data.name }}</b> for {{ response.data.price }} €. "
                "Shall I order it?{% else %}There is no {{ pattern.item }} on the menu.{% endif %}"
            ),
            "keyboard_template": "{% if response.status == 200 %}[['Yes', 'No']]{% endif %}",
        },
        "target_state": "Confirming",
    },
    {
        "name": "confirm",
        "pattern": "^(?i:yes)$",
        "source_states": ["Confirming"],
        "request": {
            "url_template": "{{ env.api }}/orders",
            "method": "Post",
            "data": {
                "item": "{{ state_context.choosing.pattern.item }}",
                "name": "{{ state_context.choosing.response.data.name }}",
            },
        },
        "response": {
            "text_template": (
                "{{ emoji.white_heavy_check_mark }} Order {{ response.data.number }}: "
                "{{ state_context.choosing.response.data.name }}. Thank you!"
            )
        },
        "target_state": "Ordered",
    },
    {
        "name": "change my mind",
        "pattern": "^(?i:no)$",
        "source_states": ["Confirming"],
        "response": {"text_template": "Nothing ordered. /start shows the menu again."},
        "target_state": "Ordered",
    },
    {
        "name": "anything else",
        "pattern": "^(?P<said>.*)",
        "priority": -1,
        "response": {"text_template": "I did not understand “{{ pattern.said }}”. /start shows the menu."},
    },
]

HOOK: dict[str, Any] = {
    "name": "order ready",
    "response": {
        "text_template": "{{ emoji.hot_beverage }} Order {{ data.number }} is ready in {{ data.minutes }} minutes."
    },
}


def add_shop(server: UserApiServer) -> list[dict[str, Any]]:
    """Give the stand-in API the shop's routes; returns the list that orders are written to."""
    orders: list[dict[str, Any]] = []
    numbers = count(17)

    def dish(request: Request) -> Reply:
        found = MENU.get(request.path.rsplit("/", 1)[-1])
        return json_reply(found) if found else json_reply({"detail": "not on the menu"}, 404)

    def order(request: Request) -> Reply:
        orders.append({"number": next(numbers), **json.loads(request.text)})
        return json_reply(orders[-1], 201)

    server.add_route("/shop/menu", list(MENU.values()), method="GET")
    server.add_route("/shop/menu/<item>", dish, method="GET")
    server.add_route("/shop/orders", order, method="POST")
    return orders
