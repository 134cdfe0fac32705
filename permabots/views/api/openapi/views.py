"""The schema of the API and its page, served."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.templatetags.static import static
from django.urls import URLPattern, path
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.renderers import TemplateHTMLRenderer
from rest_framework.throttling import BaseThrottle

import permabots
from permabots.page_headers import protect_page
from permabots.views.access.throttles import BySchemaReader
from permabots.views.api.openapi.errors import COMPONENTS
from permabots.views.api.openapi.schema import ApiSchemaGenerator
from permabots.views.base import ApiView

SETTINGS: dict[str, Any] = {
    "TITLE": "permabots",
    "DESCRIPTION": "Bots for messengers: what they answer, where, and what they did.",
    "VERSION": permabots.__version__,
    "OAS_VERSION": "3.0.3",
    "SCHEMA_PATH_PREFIX": "/",
    "SCHEMA_PATH_PREFIX_TRIM": False,
    "SCHEMA_PATH_PREFIX_INSERT": "",
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_NO_READ_ONLY_REQUIRED": False,
    "PREPROCESSING_HOOKS": [],
    "POSTPROCESSING_HOOKS": [],
    "CAMELIZE_NAMES": False,
    "AUTHENTICATION_WHITELIST": None,
    "PARSER_WHITELIST": ["permabots.views.parsers.StrictJSONParser"],
    "RENDERER_WHITELIST": None,
    "APPEND_COMPONENTS": {"schemas": COMPONENTS},
}
"""What a host project sets for the schema of its own API has no say here."""
FILES = {
    "swagger_ui_css": "drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css",
    "swagger_ui_bundle": "drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js",
    "favicon_href": "drf_spectacular_sidecar/swagger-ui-dist/favicon-32x32.png",
    "page_css": "permabots/api_docs.css",
    "page_js": "permabots/api_docs.js",
}
"""What the template of the page loads -> the static file: of the sidecar, or ours."""


class OpenView(ApiView):
    """A view for everybody: it tells nothing that is not in the documentation."""

    permission_classes = [AllowAny]
    entrance_classes = [BySchemaReader]
    throttle_classes = []

    def get_throttles(self) -> list[BaseThrottle]:
        """Return none, not the host's own either: the page and what it loads are two calls of somebody unknown."""
        return []

    def get_authenticators(self) -> list[BaseAuthentication]:
        return []


class SchemaView(OpenView, SpectacularAPIView):
    """The schema."""

    renderer_classes = [OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer, OpenApiYamlRenderer2]
    generator_class = ApiSchemaGenerator
    serve_public = True
    urlconf = None
    custom_settings = SETTINGS


class DocsView(OpenView, SpectacularSwaggerView):
    """A page to read the schema and try the API. All of it comes from this server, and no script stands in it."""

    renderer_classes = [TemplateHTMLRenderer]
    template_name = "permabots/api_docs.html"
    title = "permabots"
    url = "../schema/"

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().get(request, *args, **kwargs)
        answer.data |= {name: static(file) for name, file in FILES.items()}
        return answer

    def protect(self, response: Any) -> Any:
        return protect_page(response)


def documentation(patterns: list[Any]) -> list[URLPattern]:
    """Return the URL of the schema of other URLs, and that of its page where the project serves what it needs."""
    urls = [path("schema/", SchemaView.as_view(patterns=list(patterns)), name="schema")]
    if apps.is_installed("drf_spectacular") and apps.is_installed("drf_spectacular_sidecar"):
        urls.append(path("docs/", DocsView.as_view(), name="docs"))
    return urls
