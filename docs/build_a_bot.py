"""Builds an ordering bot on Telegram and Messenger over the REST API. Neither Django nor permabots is imported.

python build_a_bot.py \\
    --api https://bots.example.com/api/v1 --key <your API token> \\
    --telegram <the token of @BotFather> --telegram-chat <your id there> \\
    --page <the page access token> --app-secret <of the Facebook app> --messenger-chat <your id there> \\
    --shop https://shop.example.com/api --shop-key <what the shop wants to see>
"""

import argparse

import requests

OPTIONS = "api key telegram telegram-chat page app-secret messenger-chat shop shop-key"

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
for option in OPTIONS.split():
    parser.add_argument(f"--{option}", required=True)
given = parser.parse_args()

session = requests.Session()
session.headers["Authorization"] = f"Token {given.key}"


def post(path: str, **body: object) -> dict:
    """Post JSON and return the answer; an error is printed with what the API says about it."""
    answer = session.post(f"{given.api}/{path}", json=body, timeout=30)
    if not answer.ok:
        raise SystemExit(f"{answer.status_code} {path}: {answer.text}")
    return answer.json()


bot = "bots/" + post("bots/", name="Corner Café")["id"]

# What several templates share. A secret one is not shown in traces.
post(f"{bot}/env/", key="name", value="The Corner Café")
post(f"{bot}/env/", key="shop", value=given.shop)
post(f"{bot}/env/", key="shop_key", value=given.shop_key, secret=True)

for name in ("Choosing", "Confirming", "Ordered"):
    post(f"{bot}/states/", name=name)

post(
    f"{bot}/handlers/",
    name="welcome",
    pattern="^/start",
    response={
        "text_template": "Welcome to <b>{{ env.name }}</b> {{ emoji.hot_beverage }} What would you like?",
        "keyboard_template": "[['Espresso', 'Tea']]",
    },
    target_state={"name": "Choosing"},
)
post(
    f"{bot}/handlers/",
    name="choose",
    pattern="^(?P<item>Espresso|Tea)$",
    response={"text_template": "One {{ pattern.item }}. Shall I order it?", "keyboard_template": "[['Yes', 'No']]"},
    source_states=[{"name": "Choosing"}],
    target_state={"name": "Confirming"},
)
post(
    f"{bot}/handlers/",
    name="confirm",
    pattern="^Yes$",
    request={
        "method": "Post",
        "url_template": "{{ env.shop }}/orders/",
        "url_parameters": [{"key": "from", "value_template": "{{ service }}"}],
        "header_parameters": [{"key": "Authorization", "value_template": "Bearer {{ env.shop_key }}"}],
        "data": {"item": "{{ state_context.choosing.pattern.item }}", "count": 1},
    },
    response={
        "text_template": "{% if response.status == 201 %}Order {{ response.data.number }} is on its way."
        "{% else %}The shop does not answer. Please try again.{% endif %}"
    },
    source_states=[{"name": "Confirming"}],
    target_state={"name": "Ordered"},
)
post(f"{bot}/handlers/", name="no", pattern="^No$", response={"text_template": "Then not."}, priority=-1)

# The shop posts {"number": ..., "item": ...} to this hook when an order is ready.
hook = post(f"{bot}/hooks/", name="ready", response={"text_template": "Order {{ data.number }}: your {{ data.item }}."})
post(f"{bot}/hooks/{hook['id']}/recipients/telegram/", chat_id=int(given.telegram_chat), name="me")
post(f"{bot}/hooks/{hook['id']}/recipients/messenger/", chat_id=given.messenger_chat, name="me")

# Before anybody can write to it: what would it answer? Nothing is sent, stored or asked of the shop.
for service in ("telegram", "messenger"):
    ordered = {
        "state": "Confirming",
        "contexts": {"choosing": {"pattern": {"item": "Tea"}, "response": {}}},
        "response": {"status": 201, "data": {"number": 1}},
    }
    welcome = post(f"{bot}/simulate/", service=service, text="/start")
    confirmed = post(f"{bot}/simulate/", service=service, text="Yes", **ordered)
    print(f"On {service} it would say:", *welcome["texts"], *confirmed["texts"])

account = post(f"{bot}/telegram/", token=given.telegram)
print("On Telegram it is", account["info"]["username"])
page = post(f"{bot}/messenger/", token=given.page, app_secret=given.app_secret)
print("The verify token of the page's webhook is", page["id"])
print("Orders that are ready are posted to the hook", hook["key"])
