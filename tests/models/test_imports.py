"""The import paths that the original documented."""

from importlib import import_module

import pytest

DOCUMENTED = [
    "permabots.models.base.PermabotsModel",
    "permabots.models.bot.Bot",
    "permabots.models.bot.IntegrationBot",
    "permabots.models.bot.TelegramBot",
    "permabots.models.bot.KikBot",
    "permabots.models.bot.MessengerBot",
    "permabots.models.environment_vars.EnvironmentVar",
    "permabots.models.state.State",
    "permabots.models.handler.Handler",
    "permabots.models.hook.Hook",
    "permabots.views.hooks.telegram_hook.TelegramHookView",
    "permabots.views.hooks.kik_hook.KikHookView",
    "permabots.views.hooks.messenger_hook.MessengerHookView",
    "permabots.views.hooks.permabots_hook.PermabotsHookView",
    "permabots.urls_api.urlpatterns",
    "permabots.urls_processing.urlpatterns",
    "permabots.engine.templates.emoji.EMOJI",
    *(
        f"permabots.models.{name}"
        for name in [
            "Request",
            "Response",
            "UrlParam",
            "HeaderParam",
            "TelegramRecipient",
            "KikRecipient",
            "MessengerRecipient",
            "TelegramChatState",
            "KikChatState",
            "MessengerChatState",
            "TelegramUser",
            "TelegramUpdate",
            "KikUser",
            "KikMessage",
            "MessengerMessage",
        ]
    ),
]


@pytest.mark.parametrize("path", DOCUMENTED)
def test_documented_name_can_be_imported(path: str) -> None:
    module, name = path.rsplit(".", 1)
    assert hasattr(import_module(module), name)


DOORS = [
    "init_bot",
    "set_webhook",
    "hook_url",
    "hook_id",
    "identity",
    "null_url",
    "message_text",
    "get_chat_id",
    "get_chat_state",
    "build_keyboard",
    "send_message",
    "create_chat_state",
    "connect",
]


@pytest.mark.parametrize("name", DOORS)
def test_integration_has_the_documented_method(name: str) -> None:
    assert hasattr(import_module("permabots.models").IntegrationBot, name)
