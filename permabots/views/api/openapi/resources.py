"""The words of the schema: for each view its tag, a summary of each operation, and an example of a body that needs one.

What an operation takes and answers stands in the view itself, as ``serializer_class``, ``body_class``, ``query_class``
and ``pagination_class``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from permabots.models.registry import providers
from permabots.values import Json
from permabots.views.api.api_tokens import ApiTokenViewSet
from permabots.views.api.bots import BotViewSet
from permabots.views.api.chat_states import ChatStateViewSet
from permabots.views.api.configuration import EnvironmentVarViewSet, StateViewSet
from permabots.views.api.documents import (
    DocumentSchemaView,
    DocumentViewSet,
    ExampleListView,
    ExampleView,
    NewDocumentViewSet,
)
from permabots.views.api.handlers import HandlerViewSet, HeaderParamViewSet, SourceStateViewSet, UrlParamViewSet
from permabots.views.api.hooks import HookViewSet, RecipientViewSet
from permabots.views.api.integrations import IntegrationViewSet
from permabots.views.api.signing import SigningViewSet
from permabots.views.api.tests import ConversationTestViewSet, TestRunView
from permabots.views.api.traffic.deliveries import DeliveredView, DeliveryListView
from permabots.views.api.traffic.events import EventExportView, EventListView
from permabots.views.api.traffic.messages import MessageListView, MessageView, RetryView
from permabots.views.api.traffic.retry import DeliveryRetryView, RetryAllView
from permabots.views.api.traffic.simulation import SimulationView
from permabots.views.api.versions_of_bots import RestoreView, VersionListView


@dataclass(frozen=True, slots=True)
class Resource:
    """The words for one view.

    Args:
        tag: the chapter that its operations are in.
        summaries: operation -> summary; ``{provider}`` in it is the name of the view's provider. A plain view has one
            operation, and its id ends with the name given here.
        example: a body; None where the form alone is clear.
    """

    tag: str
    summaries: Mapping[str, str]
    example: Json = None


def rows(one: str, many: str, **others: str) -> Mapping[str, str]:
    """Return the summaries of a view set.

    Args:
        one: a row, with its article.
        many: several rows.
        others: summaries of operations that are called otherwise.
    """
    return {
        "list": f"List {many}",
        "create": f"Make {one}",
        "retrieve": f"Read {one}",
        "update": f"Change {one}",
        "partial_update": f"Change a part of {one}",
        "destroy": f"Delete {one}",
        **others,
    }


ACCOUNT = {
    "list": "Read the bot's account at {provider}",
    "create": "Connect the bot to an account at {provider}",
    "retrieve": "Read an account at {provider}",
    "update": "Change an account at {provider}",
    "partial_update": "Change a part of an account at {provider}",
    "destroy": "Disconnect the bot from {provider}",
    "status": "Ask {provider} for the state of the webhook",
    "rotate": "Give the webhook at {provider} a new secret",
    "retire": "Take no calls of {provider} with the secret before",
}
SIGNING = {
    "create": "Make or replace the secret that signs requests",
    "retrieve": "Read whether requests are signed",
    "retire": "Drop the signing secret before",
    "destroy": "Sign requests no more",
}
SOURCE_STATE = rows(
    "a source state",
    "source states",
    create="Add a source state, made where the bot has none of that name",
    destroy="Take a source state away",
)
HANDLER = {
    "name": "weather",
    "pattern": "weather in (?P<city>.+)",
    "request": {
        "url_template": "https://api.example.com/weather/",
        "method": "Get",
        "url_parameters": [{"key": "city", "value_template": "{{ pattern.city }}"}],
        "header_parameters": [{"key": "X-Key", "value_template": "{{ env.key }}"}],
    },
    "response": {
        "text_template": "It is {{ response.data.degrees }} degrees",
        "keyboard_template": '[["again"], ["menu"]]',
    },
    "target_state": {"name": "answered"},
    "source_states": [{"name": "menu"}],
}
DOCUMENT = {
    "format": "permabots.bot",
    "version": 1,
    "bot": {"name": "Weather"},
    "handlers": [{"name": "hello", "pattern": "^hello", "response": {"text_template": "Hello!"}}],
}
HOOK = {"name": "news", "response": {"text_template": "{{ data }}", "keyboard_template": ""}}
PROVIDER = next(iter(providers()), "")
WEATHER = {"status": 200, "data": {"degrees": 21}}
QUESTION = {"provider": PROVIDER, "text": "weather in Madrid", "response": WEATHER}
STEP = {
    "said": "weather in Madrid",
    "api": WEATHER,
    "messages": [{"text": "It is 21 degrees", "buttons": [[{"label": "again", "data": "again"}]]}],
    "state": "answered",
}
TEST = {"name": "weather", "provider": PROVIDER, "state": "menu", "steps": [STEP]}

TOKEN = {"name": "the shop's server", "scopes": ["send"], "all_bots": True}
TOKENS = rows("an API token", "API tokens", destroy="Revoke an API token", rotate="Give an API token a new key")

RESOURCES: Mapping[type[Any], Resource] = {
    BotViewSet: Resource("bots", rows("a bot", "bots")),
    NewDocumentViewSet: Resource("documents", {"create": "Make a bot of a document"}, DOCUMENT),
    DocumentSchemaView: Resource("documents", {"retrieve": "Read the JSON Schema of documents"}),
    DocumentViewSet: Resource(
        "documents",
        {"retrieve": "Read the bot as a document", "update": "Make the bot what a document says"},
    ),
    ExampleListView: Resource("documents", {"names": "List the example bots"}),
    ExampleView: Resource("documents", {"retrieve": "Read an example bot as a document"}),
    IntegrationViewSet: Resource("accounts", ACCOUNT),
    EnvironmentVarViewSet: Resource("environment", rows("a variable", "variables")),
    HandlerViewSet: Resource("handlers", rows("a handler", "handlers"), HANDLER),
    UrlParamViewSet: Resource("handlers", rows("a query parameter", "query parameters")),
    HeaderParamViewSet: Resource("handlers", rows("a header", "headers")),
    SourceStateViewSet: Resource("handlers", SOURCE_STATE),
    HookViewSet: Resource("hooks", rows("a hook", "hooks", rotate="Give a hook a new key"), HOOK),
    RecipientViewSet: Resource("hooks", rows("a recipient on {provider}", "recipients on {provider}")),
    StateViewSet: Resource("states", rows("a state", "states")),
    ChatStateViewSet: Resource(
        "states", rows("the state of a chat on {provider}", "the states of chats on {provider}")
    ),
    ConversationTestViewSet: Resource("tests", rows("a conversation test", "conversation tests"), TEST),
    TestRunView: Resource("tests", {"create": "Run the conversation tests of the bot"}),
    SigningViewSet: Resource("signing", SIGNING),
    EventListView: Resource("events", {"list": "List what was done to the bot"}),
    EventExportView: Resource("events", {"export": "Export what was done to the bot as lines of JSON"}),
    VersionListView: Resource("versions", {"list": "List the versions of the bot"}),
    RestoreView: Resource("versions", {"create": "Make the bot what it was in a version"}),
    MessageListView: Resource("messages", {"list": "List incoming messages"}),
    MessageView: Resource("messages", {"retrieve": "Read an incoming message"}),
    RetryView: Resource("messages", {"create": "Try again what failed for a message"}),
    RetryAllView: Resource("messages", {"all": "Try again what failed for all messages"}),
    DeliveryListView: Resource("hooks", {"list": "List the notifications of a hook"}),
    DeliveredView: Resource("hooks", {"list": "List the calls of a notification"}),
    DeliveryRetryView: Resource("hooks", {"create": "Try again what failed for a notification"}),
    ApiTokenViewSet: Resource("tokens", TOKENS, TOKEN),
    SimulationView: Resource("simulation", {"create": "Ask what the bot would answer"}, QUESTION),
}
"""View -> its words. A view that is missing here has no schema: a test looks at all of them."""
