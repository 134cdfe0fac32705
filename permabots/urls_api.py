"""URLs of the REST API: ``include("permabots.urls_api", namespace="api")``."""

from typing import Any

from django.urls import URLPattern, URLResolver, path, re_path

from permabots.models.registry import providers
from permabots.views.api.api_tokens import TOKENS, ApiTokenViewSet
from permabots.views.api.base import DETAIL, LIST
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
from permabots.views.api.handlers import (
    SOURCE_STATE,
    HandlerViewSet,
    HeaderParamViewSet,
    SourceStateViewSet,
    UrlParamViewSet,
)
from permabots.views.api.hooks import HookViewSet, RecipientViewSet
from permabots.views.api.integrations import IntegrationViewSet
from permabots.views.api.openapi import documentation
from permabots.views.api.signing import SigningViewSet
from permabots.views.api.tests import ConversationTestViewSet, TestRunView
from permabots.views.api.traffic import messages
from permabots.views.api.traffic.events import EventExportView, EventListView
from permabots.views.api.versions_of_bots import RestoreView, VersionListView
from permabots.views.base import NowhereView

app_name = "api"

BOT = "bots/<uuid:bot_id>/"
HANDLERS = BOT + "handlers/"
HOOKS = BOT + "hooks/"
ACCOUNT_ACTIONS = {"status": "get", "rotate": "post", "retire": "post"}
"""Actions on an account: the last part of the address, and the HTTP method."""
SIGNING: dict[str, Any] = {"get": "retrieve", "post": "create", "delete": "destroy"}


def routes(
    where: str, view: Any, name: str, *, detail_where: str = "", detail: Any = DETAIL, **options: Any
) -> list[URLPattern]:
    """Return the list URL and the detail URL of a view set.

    Args:
        where: the list URL.
        view: the view set.
        name: the beginning of both URLs' names.
        detail_where: the detail URL without its id; "" where it is the list URL.
        detail: the methods of the detail URL, by HTTP method.
        options: attributes of the view set.
    """
    one = (detail_where or where) + "<uuid:id>/"
    return [
        path(where, view.as_view(LIST, **options), name=f"{name}-list"),
        path(one, view.as_view(detail, **options), name=f"{name}-detail"),
    ]


def provider_routes(slug: str) -> list[URLPattern]:
    """Return the URLs of one provider: its accounts, recipients and chat states."""
    account, recipients = f"{BOT}{slug}/", f"recipients/{slug}/"
    return [
        *routes(account, IntegrationViewSet, f"bot-{slug}", slug=slug),
        *(
            path(
                f"{account}<uuid:id>/{action}/",
                IntegrationViewSet.as_view({method: action}, slug=slug),
                name=f"bot-{slug}-{action}",
            )
            for action, method in ACCOUNT_ACTIONS.items()
        ),
        *routes(
            f"{HOOKS}<uuid:id>/{recipients}",
            RecipientViewSet,
            f"hook-recipient-{slug}",
            detail_where=f"{HOOKS}<uuid:hook_id>/{recipients}",
            slug=slug,
        ),
        *routes(f"{BOT}chatstates/{slug}/", ChatStateViewSet, f"{slug}-chatstate", slug=slug),
    ]


def handler_routes(word: str, view: Any, name: str, **options: Any) -> list[URLPattern]:
    """Return the URLs of rows that belong to a handler.

    Args:
        word: the part of the path behind the handler's id.
        view: the view set.
        name: the end of both URLs' names.
        options: attributes of the view set, and `detail` as in `routes`.
    """
    one = f"{HANDLERS}<uuid:handler_id>/{word}/"
    return routes(f"{HANDLERS}<uuid:id>/{word}/", view, f"handler-{name}", detail_where=one, **options)


urlpatterns: list[URLPattern | URLResolver] = [
    *routes("bots/", BotViewSet, "bot"),
    path("bots/document/", NewDocumentViewSet.as_view({"post": "create"}), name="document-new"),
    path("bots/document/schema/", DocumentSchemaView.as_view(), name="document-schema"),
    path("bots/examples/", ExampleListView.as_view(), name="examples"),
    path("bots/examples/<slug:example>/", ExampleView.as_view(), name="example"),
    path(BOT + "document/", DocumentViewSet.as_view({"get": "retrieve", "put": "update"}), name="document"),
    *(route for slug in providers() for route in provider_routes(slug)),
    # Both URLs have one name: existing clients reverse it.
    path(BOT + "env/", EnvironmentVarViewSet.as_view(LIST), name="env-list"),
    path(BOT + "env/<uuid:id>/", EnvironmentVarViewSet.as_view(DETAIL), name="env-list"),
    *routes(HANDLERS, HandlerViewSet, "handler"),
    *handler_routes("urlparams", UrlParamViewSet, "urlparameter"),
    *handler_routes("headerparams", HeaderParamViewSet, "headerparameter"),
    *handler_routes("sourcestates", SourceStateViewSet, "sourcestate", detail=SOURCE_STATE),
    *routes(HOOKS, HookViewSet, "hook"),
    path(HOOKS + "<uuid:id>/rotate/", HookViewSet.as_view({"post": "rotate"}), name="hook-rotate"),
    *routes(BOT + "states/", StateViewSet, "state"),
    *routes(BOT + "tests/", ConversationTestViewSet, "test"),
    path(BOT + "tests/run/", TestRunView.as_view(), name="test-run"),
    path(BOT + "events/", EventListView.as_view(), name="events"),
    path(BOT + "events/export/", EventExportView.as_view(), name="events-export"),
    path(BOT + "versions/", VersionListView.as_view(), name="versions"),
    path(BOT + "versions/<int:number>/restore/", RestoreView.as_view(), name="version-restore"),
    path(BOT + "signing/", SigningViewSet.as_view(SIGNING), name="bot-signing"),
    path(BOT + "signing/retire/", SigningViewSet.as_view({"post": "retire"}), name="bot-signing-retire"),
    *messages.urlpatterns,
    *routes("tokens/", ApiTokenViewSet, "token", detail=TOKENS),
    path("tokens/<uuid:id>/rotate/", ApiTokenViewSet.as_view({"post": "rotate"}), name="token-rotate"),
]
urlpatterns += documentation([*urlpatterns])
# Only with a slash at the end: without one, Django redirects to the address with it.
urlpatterns.append(re_path(r"^(?:bots|tokens)/(?s:.*/)?\Z", NowhereView.as_view(), name="nowhere"))
