"""The database tables: columns, constraints, querysets. Loading and saving a row makes no network call."""

from permabots.models.api_health import ApiHealth
from permabots.models.api_token import ApiToken
from permabots.models.base import PermabotsModel
from permabots.models.bot import Bot, KikBot, MessengerBot, TelegramBot
from permabots.models.bot_event import BotEvent
from permabots.models.bot_version import BotVersion
from permabots.models.callback_data import CallbackData
from permabots.models.chat import Chat
from permabots.models.conversation import Contact, Conversation, KikUser, TelegramUser
from permabots.models.conversation_test import ConversationTest
from permabots.models.environment_vars import EnvironmentVar
from permabots.models.handler import Handler
from permabots.models.hook import Hook, KikRecipient, MessengerRecipient, Recipient, TelegramRecipient, WebRecipient
from permabots.models.inbox import InboundMessage, KikMessage, MessengerMessage, TelegramUpdate
from permabots.models.integration import IntegrationBot
from permabots.models.notification import Notification
from permabots.models.outbox import OutboundMessage
from permabots.models.response import HeaderParam, Request, Response, UrlParam
from permabots.models.signing_secret import SigningSecret
from permabots.models.state import ChatState, KikChatState, MessengerChatState, State, TelegramChatState, WebChatState
from permabots.models.web_bot import WebBot
from permabots.models.web_messages import WebMessage, WebSession, WebVisitor
from permabots.models.worker_heartbeat import WorkerHeartbeat

__all__ = [
    "ApiHealth",
    "ApiToken",
    "Bot",
    "BotEvent",
    "BotVersion",
    "CallbackData",
    "Chat",
    "ChatState",
    "Contact",
    "Conversation",
    "ConversationTest",
    "EnvironmentVar",
    "Handler",
    "HeaderParam",
    "Hook",
    "InboundMessage",
    "IntegrationBot",
    "KikBot",
    "KikChatState",
    "KikMessage",
    "KikRecipient",
    "KikUser",
    "MessengerBot",
    "MessengerChatState",
    "MessengerMessage",
    "MessengerRecipient",
    "Notification",
    "OutboundMessage",
    "PermabotsModel",
    "Recipient",
    "Request",
    "Response",
    "SigningSecret",
    "State",
    "TelegramBot",
    "TelegramChatState",
    "TelegramRecipient",
    "TelegramUpdate",
    "TelegramUser",
    "UrlParam",
    "WebBot",
    "WebChatState",
    "WebMessage",
    "WebRecipient",
    "WebSession",
    "WebVisitor",
    "WorkerHeartbeat",
]
