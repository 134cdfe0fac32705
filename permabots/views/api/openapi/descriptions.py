"""What the schema says of each view in words: its tag, its rows, its operations, an example of a body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from permabots.models.registry import providers
from permabots.values import Json
from permabots.views.api.bots import BotViewSet
from permabots.views.api.chat_states import ChatStateViewSet
from permabots.views.api.configuration import EnvironmentVarViewSet, StateViewSet
from permabots.views.api.handlers import HandlerViewSet, HeaderParamViewSet, SourceStateViewSet, UrlParamViewSet
from permabots.views.api.hooks import HookViewSet, RecipientViewSet
from permabots.views.api.integrations import IntegrationViewSet
from permabots.views.api.tests import ConversationTestViewSet, TestRunView
from permabots.views.api.traffic.deliveries import DeliveredView, DeliveryListView
from permabots.views.api.traffic.messages import MessageListView, MessageView, RetryView
from permabots.views.api.traffic.retry import DeliveryRetryView, RetryAllView
from permabots.views.api.traffic.simulation import SimulationView

ROWS = {
    "list": "List {many}",
    "create": "Make {one}",
    "retrieve": "Read {one}",
    "update": "Change {one}",
    "partial_update": "Change a part of {one}",
    "destroy": "Delete {one}",
}
ACCOUNT = {
    "list": "Read the bot's account at {slug}",
    "create": "Connect the bot to an account at {slug}",
    "retrieve": "Read an account at {slug}",
    "update": "Change an account at {slug}",
    "partial_update": "Change a part of an account at {slug}",
    "destroy": "Disconnect the bot from {slug}",
    "status": "Ask {slug} for the state of the webhook",
}
LINK = {**ROWS, "create": "Add {one}, made where the bot has none of that name", "destroy": "Take {one} away"}


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of one view.

    Args:
        tag: the chapter that its operations are in.
        one: a row of it, with its article.
        many: several of them.
        operations: action -> summary, with places for ``one``, ``many`` and ``slug``.
        example: values of a row, for the examples of bodies and answers.
        done: values of an answer, where it is no such row.
    """

    tag: str
    one: str = ""
    many: str = ""
    operations: Mapping[str, str] = field(default_factory=lambda: ROWS)
    example: Json = None
    done: Json = None

    def summary(self, action: str, slug: str) -> str:
        """Return the summary of an operation."""
        places = {"one": self.one.format(slug=slug), "many": self.many.format(slug=slug), "slug": slug}
        return self.operations[action].format(**places)


PARAMETER = {"key": "city", "value_template": "{{ pattern.city }}"}
ANSWER = {"text_template": "It is {{ response.data.degrees }} degrees", "keyboard_template": '[["again"], ["menu"]]'}
HANDLER = {
    "name": "weather",
    "pattern": "weather in (?P<city>.+)",
    "request": {
        "url_template": "https://api.example.com/weather/",
        "method": "Get",
        "url_parameters": [PARAMETER],
        "header_parameters": [{"key": "X-Key", "value_template": "{{ env.key }}"}],
    },
    "response": ANSWER,
    "target_state": {"name": "answered"},
    "source_states": [{"name": "menu"}],
}
HOOK = {"name": "news", "response": {"text_template": "{{ data }}", "keyboard_template": ""}}
QUESTION = {"text": "weather in Madrid", "response": {"status": 200, "data": {"degrees": 21}}}
ADDRESS = "https://bots.example.com/processing/"
STATUS = {"account": "4242", "url": ADDRESS, "expected_url": ADDRESS, "pending": 0, "last_error": "", "refused": ""}
PAYLOAD = {"method": "sendMessage", "body": {"text": "It is 21 degrees"}, "optional": False}
CALL = {
    "part": 0,
    "status": "sent",
    "error": "",
    "payload": PAYLOAD,
    "name": "Ana",
    "chat": "7",
    "user": "7",
    "topic": "",
}
CALL |= {"provider": next(iter(providers()), ""), "provider_message_id": "55", "sent_at": "2030-01-01T12:00:01Z"}
MESSAGE = {
    "provider": CALL["provider"],
    "chat": "7",
    "user": "7",
    "topic": "",
    "kind": "text",
    "text": "weather in Madrid",
}
MESSAGE |= {"status": "done", "attempts": 1, "error": "", "trace": {"texts": ["It is 21 degrees"]}, "outbound": [CALL]}
DELIVERY = {"status": "done", "recipients": 1, "attempts": 1, "error": "", "idempotency_key": "order-5", "data": "sold"}
DELIVERY |= {"trace": {"texts": ["sold"]}, "counts": {"sent": 1}, "outbound": [CALL]}
SIMULATION = {
    "handler": {"id": "0b6f3a52-6c1e-4f0a-9d51-5c1de1a3d6f4", "name": "weather"},
    "state": {"before": "menu", "after": "answered"},
    "texts": ["It is 21 degrees"],
    "keyboard": [[{"label": "again", "data": "again", "url": None}]],
    "payloads": [{**PAYLOAD, "stored_callback_data": {}}],
}
TEST = {
    "name": "weather",
    "provider": next(iter(providers()), ""),
    "state": "menu",
    "steps": [
        {
            "said": "weather in Madrid",
            "api": {"status": 200, "data": {"degrees": 21}},
            "messages": [{"text": "It is 21 degrees", "buttons": [[{"label": "again", "data": "again"}]]}],
            "state": "answered",
        }
    ],
}
TEST_RUN = {
    "passed": False,
    "failed": 1,
    "tests": [{"name": "weather", "passed": False, "diff": "-< It is 21 degrees\n+< It is 21 °C", "problem": ""}],
}
WORDS: Mapping[type[Any], Words] = {
    BotViewSet: Words("bots", "a bot", "bots", example={"name": "my bot"}),
    IntegrationViewSet: Words("accounts", operations=ACCOUNT, example=STATUS),
    EnvironmentVarViewSet: Words("environment", "a variable", "variables", example={"key": "key", "value": "12345"}),
    HandlerViewSet: Words("handlers", "a handler", "handlers", example=HANDLER),
    UrlParamViewSet: Words("handlers", "a query parameter", "query parameters", example=PARAMETER),
    HeaderParamViewSet: Words("handlers", "a header", "headers", example=PARAMETER),
    SourceStateViewSet: Words("handlers", "a source state", "source states", LINK, {"name": "menu"}),
    HookViewSet: Words("hooks", "a hook", "hooks", example=HOOK),
    RecipientViewSet: Words("hooks", "a recipient on {slug}", "recipients on {slug}", example={"name": "Ana"}),
    StateViewSet: Words("states", "a state", "states", example={"name": "booking"}),
    ChatStateViewSet: Words(
        "states", "the state of a chat on {slug}", "the states of chats on {slug}", example={"state": {"name": "menu"}}
    ),
    ConversationTestViewSet: Words("tests", "a conversation test", "conversation tests", example=TEST),
    TestRunView: Words("tests", operations={"create": "Run the conversation tests of the bot"}, example=TEST_RUN),
    MessageListView: Words("messages", operations={"list": "List incoming messages"}, example=MESSAGE),
    MessageView: Words("messages", operations={"retrieve": "Read an incoming message"}, example=MESSAGE),
    RetryView: Words("messages", operations={"create": "Try again what failed for a message"}, example=MESSAGE),
    RetryAllView: Words("messages", operations={"all": "Try again what failed for all messages"}),
    DeliveryListView: Words("hooks", operations={"list": "List the notifications of a hook"}, example=DELIVERY),
    DeliveredView: Words("hooks", operations={"list": "List the calls of a notification"}, example=CALL),
    DeliveryRetryView: Words(
        "hooks", operations={"create": "Try again what failed for a notification"}, example=DELIVERY
    ),
    SimulationView: Words(
        "simulation", operations={"create": "Ask what the bot would answer"}, example=QUESTION, done=SIMULATION
    ),
}
"""View -> what is said of it. A view that is missing here has no schema: a test looks at all of them."""
