"""One of everything that a bot has, and the URL of each."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.urls import reverse

from permabots import origin
from permabots.models import (
    ApiToken,
    Bot,
    ChatState,
    Conversation,
    ConversationTest,
    EnvironmentVar,
    Hook,
    InboundMessage,
    Notification,
    Recipient,
)
from permabots.models.registry import providers
from permabots.pipeline.authoring import api_tokens, signing, versions
from permabots.pipeline.authoring.configuration import change_handler, create_hook
from permabots.urls_api import urlpatterns
from tests.factories import UNREACHABLE, answer, make_account, make_handler, say, tell


class World:
    """A bot with one row of each kind.

    Args:
        bot: the bot.
    """

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.accounts = {slug: make_account(bot, slug) for slug in providers()}
        parameters = [{"key": "k", "value_template": "v"}]
        request = {"url_template": "http://x/", "url_parameters": parameters, "header_parameters": parameters}
        self.handler = make_handler(bot)
        self.message: InboundMessage = say(bot, chat=UNREACHABLE)
        answer(self.message)
        self.handler = change_handler(self.handler, {"request": request, "source_states": ["menu"]})
        self.variable = EnvironmentVar.objects.create(bot=bot, key="k", value="v")
        self.state = self.handler.source_states.get()
        self.hook: Hook = create_hook(bot, {"name": "hook", "response": {"text_template": "x"}})
        self.recipient = Recipient.objects.create(
            hook=self.hook, provider="telegram", chat_id=str(UNREACHABLE), name="me"
        )
        self.delivery: Notification = Notification.objects.create(bot=bot, hook=self.hook, data={})
        tell(self.delivery)
        signing.rotate(bot)
        self.test = ConversationTest.objects.create(bot=bot, name="test", provider="telegram")
        self.token: ApiToken = api_tokens.create(bot.owner, {"name": "t", "scopes": ["read"], "all_bots": True})[0]
        versions.write(bot.pk, origin.current())  # in most tests, no transaction ends
        self.version: Any = bot.versions.latest("number")
        request_row: Any = self.handler.request
        self.ids = {
            "bot-detail": bot,
            "env-list": self.variable,
            "handler-detail": self.handler,
            "handler-urlparameter-list": self.handler,
            "handler-urlparameter-detail": request_row.url_parameters.get(),
            "handler-headerparameter-list": self.handler,
            "handler-headerparameter-detail": request_row.header_parameters.get(),
            "handler-sourcestate-list": self.handler,
            "handler-sourcestate-detail": self.state,
            "hook-detail": self.hook,
            "hook-rotate": self.hook,
            "state-detail": self.state,
            "test-detail": self.test,
            "token-detail": self.token,
            "token-rotate": self.token,
        }
        for slug in providers():
            self.ids |= self.of_provider(slug)

    def of_provider(self, slug: str) -> dict[str, Any]:
        """Return what the routes of one provider name, by the names of the routes."""
        recipient, _ = Recipient.objects.get_or_create(
            hook=self.hook, provider=slug, chat_id="7", defaults={"name": "me"}
        )
        talk, _ = Conversation.objects.get_or_create(bot=self.bot, provider=slug, chat_id="7", user_id="7")
        chat_state, _ = ChatState.objects.get_or_create(conversation=talk, provider=slug, state=self.state)
        return {
            f"bot-{slug}-detail": self.accounts[slug],
            f"bot-{slug}-status": self.accounts[slug],
            f"bot-{slug}-rotate": self.accounts[slug],
            f"bot-{slug}-retire": self.accounts[slug],
            f"hook-recipient-{slug}-list": self.hook,
            f"hook-recipient-{slug}-detail": recipient,
            f"{slug}-chatstate-detail": chat_state,
        }

    def values(self, route: Any) -> dict[str, Any]:
        """Return the ids in the URL of a route; a route that is not known here fails, so that every route is tried."""
        known = {
            "bot_id": self.bot.pk,
            "handler_id": self.handler.pk,
            "hook_id": self.hook.pk,
            "message_id": self.message.pk,
            "delivery_id": self.delivery.pk,
            "example": "shop",
            "number": self.version.number,
        }
        wanted = route.pattern.converters
        return {name: known[name] if name != "id" else self.ids[route.name].pk for name in wanted}

    def url(self, route: Any) -> str:
        """Return the URL of a route."""
        return reverse(f"api:{route.name}", kwargs=self.values(route))


ROUTES = [route for route in urlpatterns if route.name not in {"schema", "docs", "nowhere"}]
"""Those of the API itself: its documentation is open to everybody, and nothing is nowhere."""
OBJECT_ROUTES = [route for route in ROUTES if route.pattern.converters and route.name != "example"]


def database() -> dict[str, list[Any]]:
    """Return every row of permabots."""
    models = apps.get_app_config("permabots").get_models()
    return {model.__name__: list(model._base_manager.order_by("pk").values()) for model in models}
