"""A bot is built from nothing in the admin alone, with the browser, and then answers."""

from __future__ import annotations

from typing import Any

from demo.shop import add_shop
from permabots.models import Bot, Conversation
from permabots.pipeline import drain as draining
from permabots.testing import TelegramServer, UserApiServer
from tests.browser.remote import expect
from tests.browser.visitor import Visitor

TOKEN = "4242:token"


def test_a_bot_is_built_in_the_admin_and_answers(
    visitor: Visitor, author: Any, telegram: TelegramServer, user_api: UserApiServer
) -> None:
    add_shop(user_api)
    begin(visitor)
    add(visitor, "Add a variable", key="api", value=f"{user_api.url}/shop")
    add(visitor, "Add a variable", key="api_key", value="sesame-open-0123456789", secret=True)
    expect(part(visitor, "variables")).to_contain_text("••••6789")
    for name in ("Choosing", "Confirming", "Ordered"):
        add(visitor, "Add a state", name=name)
    add_welcome(visitor)
    add_choice(visitor)
    add(visitor, "Add a handler", name="confirm", pattern="^Yes$", text_template="Thank you!", target_state="Ordered")
    connect(visitor)
    add_hook(visitor)
    assert [str(it) for it in Bot.objects.get().handlers.order_by("created_at")] == ["welcome", "choose", "confirm"]
    for text in ("/start", "order tea", "Yes"):
        say(telegram, text)
    assert telegram.texts(7) == [
        "Hello! We have Espresso, Flat white, Tea & biscuits",
        "Tea & biscuits for you?",
        "Thank you!",
    ]
    assert [(it.path, it.query, it.headers["x-key"]) for it in user_api.requests[1:]] == [
        ("/shop/menu/tea", [("lang", "en")], "sesame-open-0123456789")
    ]
    assert Conversation.objects.get().chat_state.state.name == "Ordered"


def part(visitor: Visitor, name: str) -> Any:
    """Return a part of the bot's page, by its heading."""
    return visitor.page.locator(f"section:has(> #{name}-heading)")


def begin(visitor: Visitor) -> None:
    visitor.go("/admin/")
    visitor.page.get_by_role("link", name="Bots", exact=True).last.click()
    visitor.page.get_by_role("link", name="Add bot").last.click()
    visitor.fill(name="Corner Café")
    visitor.page.click("text=Save and continue editing")
    expect(visitor.page.locator(".messagelist")).to_contain_text("was added successfully")


def add(visitor: Visitor, what: str, **values: Any) -> None:
    """Make a part of the bot: from the bot's page, where saving leads back to."""
    visitor.page.get_by_role("link", name=what).click()
    visitor.fill(**values)
    visitor.save()
    expect(visitor.page.get_by_role("heading", name="Messengers")).to_be_visible()


def add_welcome(visitor: Visitor) -> None:
    """With a template that is wrong in its second line at first: told at its field, and put right."""
    page = visitor.page
    page.get_by_role("link", name="Add a handler").click()
    values = {"name": "welcome", "pattern": "^/start", "url_template": "{{ env.api }}/menu", "target_state": "Choosing"}
    visitor.fill(
        **values, text_template="Hello! We have\n{% for item in response.data %}", keyboard_template="[['ok']]"
    )
    visitor.save()
    field = page.locator(".field-text_template")
    expect(field.locator(".errorlist")).to_contain_text("line 2")
    expect(page.locator(".errorlist li")).to_have_count(1)
    assert not Bot.objects.get().handlers.exists()
    text = "Hello! We have {{ response.data|map(attribute='name')|join(', ') }}"
    visitor.fill(text_template=text, keyboard_template="[[('Tea', 'order tea')]]")
    visitor.save()
    expect(part(visitor, "handlers")).to_contain_text("welcome")


def add_choice(visitor: Visitor) -> None:
    """With everything that a handler can have."""
    page = visitor.page
    page.get_by_role("link", name="Add a handler").click()
    page.get_by_label("Choosing", exact=True).check()
    values = {"name": "choose", "pattern": r"^order (?P<item>\w+)$", "target_state": "Confirming"}
    visitor.fill(
        **values,
        url_template="{{ env.api }}/menu/{{ pattern.item }}",
        text_template="{{ response.data.name }} for you?",
    )
    visitor.fill(keyboard_template="[['Yes', 'No']]")
    visitor.fill(**{"urlparam-0-key": "lang", "urlparam-0-value_template": "en"})
    visitor.fill(**{"headerparam-0-key": "X-Key", "headerparam-0-value_template": "{{ env.api_key }}"})
    visitor.save()
    expect(part(visitor, "handlers")).to_contain_text("order (?P<item>")


def connect(visitor: Visitor) -> None:
    visitor.page.get_by_role("link", name="connect it to Telegram").click()
    visitor.fill(token=TOKEN)
    visitor.save()
    visitor.open("bot_change", Bot.objects.get().pk)
    expect(part(visitor, "accounts")).to_contain_text("fake_4242_bot")


def add_hook(visitor: Visitor) -> None:
    told = {"recipients-0-name": "Ann", "recipients-0-chat_id": "7"}
    add(visitor, "Add a hook", name="ready", text_template="Order {{ data.number }} is ready.", **told)
    hook = Bot.objects.get().hooks.get()
    assert [(it.chat_id, it.name) for it in hook.recipients.all()] == [("7", "Ann")]
    expect(part(visitor, "hooks")).to_contain_text(hook.key)


def say(telegram: TelegramServer, text: str) -> None:
    """Write to the bot: the messenger calls the webhook, a worker answers."""
    telegram.send_text(TOKEN, 7, text)
    telegram.wait_for_deliveries(len(telegram.deliveries()))
    telegram.wait_idle()
    chat = Conversation.objects.get()
    draining.drain(chat.pk, chat.provider)
