"""Builds the ordering bot of the tutorial over the REST API. Plain HTTP: neither Django nor permabots is imported.

python build_a_bot.py https://bots.example.com/api/v1 <your API token> <the token of @BotFather>
"""

import sys

import requests

API, TOKEN, TELEGRAM_TOKEN = sys.argv[1:4]

session = requests.Session()
session.headers["Authorization"] = f"Token {TOKEN}"


def post(path: str, **body: object) -> dict:
    """Post JSON and return the answer; an error is printed with what the API says about it."""
    answer = session.post(f"{API}/{path}", json=body, timeout=30)
    if not answer.ok:
        sys.exit(f"{answer.status_code} {path}: {answer.text}")
    return answer.json()


bot = post("bots/", name="Corner Café")["id"]

post(f"bots/{bot}/env/", key="shop", value="The Corner Café")

post(
    f"bots/{bot}/handlers/",
    name="welcome",
    pattern="^/start",
    response={
        "text_template": "Welcome to <b>{{ env.shop }}</b> {{ emoji.hot_beverage }} What would you like?",
        "keyboard_template": "[['Espresso', 'Tea']]",
    },
    target_state={"name": "Choosing"},
)
post(
    f"bots/{bot}/handlers/",
    name="choose",
    pattern="^(?P<item>Espresso|Tea)$",
    response={"text_template": "One {{ pattern.item }}. Shall I order it?", "keyboard_template": "[['Yes', 'No']]"},
    source_states=[{"name": "Choosing"}],
    target_state={"name": "Confirming"},
)
post(
    f"bots/{bot}/handlers/",
    name="confirm",
    pattern="^Yes$",
    response={"text_template": "Your {{ state_context.choosing.pattern.item }} is on its way."},
    source_states=[{"name": "Confirming"}],
    target_state={"name": "Ordered"},
)

said = post(f"bots/{bot}/simulate/", service="telegram", text="/start")
print("It would say:", said["texts"])

account = post(f"bots/{bot}/telegram/", token=TELEGRAM_TOKEN)
print("Connected as", account["info"]["username"])
