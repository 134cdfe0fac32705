"""Bots as documents."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import APIException, NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from permabots.models import Bot
from permabots.pipeline.authoring import configuration, documents
from permabots.pipeline.authoring.author_slots import author_slot
from permabots.serializers.bot import BotSerializer
from permabots.serializers.document import (
    DocumentApplyQuery,
    DocumentChangesSerializer,
    DocumentQuery,
    DocumentSchemaSerializer,
    DocumentSerializer,
    ExampleListSerializer,
    shown,
)
from permabots.views.access.scopes import CONFIGURATION, READING, names_bots
from permabots.views.api import versions
from permabots.views.api.base import OwnedViewSet
from permabots.views.api.traffic.pages import parse_query
from permabots.views.base import ApiView


class Unconditional(APIException):
    """A document would be written over a bot without saying which version of the bot it was made from."""

    status_code = 428
    default_detail = (
        "Send the ETag of the document that you have read as If-Match: another author may have changed the bot since."
    )


class DocumentViewSet(OwnedViewSet):
    """The bot as a document: all that its author wrote, without secrets, accounts and what people said."""

    scopes = CONFIGURATION

    @property
    def query_class(self) -> Any:
        """The parameters of the address."""
        return DocumentApplyQuery if self.action == "update" else DocumentQuery

    def read_serializer(self) -> Any:
        return DocumentChangesSerializer if self.action == "update" else DocumentSerializer

    def get_serializer_class(self) -> Any:
        return DocumentSerializer

    def retrieve(self, request: Request, **_: Any) -> Response:
        """The document, in a fixed order; its ``ETag`` is what a change has to name."""
        query = parse_query(DocumentQuery, request).validated_data
        with configuration.editing(self.bot):  # what is answered and its tag are of one moment
            return self._tagged(documents.export(self.bot, recipients=query["recipients"]))

    def update(self, request: Request, **_: Any) -> Response:
        """Make the bot what a document says, whole or not at all: what it does not have is deleted.

        Rows that it has already stay the same rows. Secrets that it leaves out, keys of hooks, accounts and what chats
        remember stay as they are. With ``dry_run`` nothing is written. The header ``If-Match`` names the ``ETag`` of
        the document that was read.
        """
        query = parse_query(DocumentApplyQuery, request).validated_data
        if not versions.is_conditional(request):
            raise Unconditional
        with author_slot(request.user.pk), configuration.editing(self.bot):
            self._check_match(request)
            carry_out = documents.plan if query["dry_run"] else documents.apply
            changes = carry_out(self.bot, request.data)
            return self._tagged(shown(changes))

    def _check_match(self, request: Request) -> None:
        """Refuse a call that counts on another version. It is shown the present one without people.

        Raises:
            PreconditionFailed: the bot has changed since the caller read it.
        """
        try:
            versions.check_match(request, self._version())
        except versions.PreconditionFailed:
            raise versions.PreconditionFailed(documents.export(self.bot)) from None

    def _version(self) -> Any:
        return documents.export(self.bot, recipients=True)

    def _tagged(self, content: Any) -> Response:
        return Response(content, headers={"ETag": versions.etag(self._version())})


class NewDocumentViewSet(OwnedViewSet):
    """New bots of documents."""

    scopes = CONFIGURATION

    def find_bot(self) -> None:
        """Do nothing: there is no bot yet."""

    def read_serializer(self) -> Any:
        return BotSerializer

    def get_serializer_class(self) -> Any:
        return DocumentSerializer

    def create(self, request: Request, **_: Any) -> Response:
        """Make a bot of a document, whole or not at all."""
        if names_bots(request):
            raise PermissionDenied("This API token is for chosen bots: it cannot make one.")
        with author_slot(request.user.pk):
            bot = documents.create(request.data, request.user)
        return self.answer(self.shown(Bot.objects.get(pk=bot.pk)), status=201)


class DocumentSchemaView(ApiView):
    """The JSON Schema of documents, for editors and other programs."""

    scopes = READING
    serializer_class = DocumentSchemaSerializer

    def get(self, request: Request, **_: Any) -> Response:
        """Return the schema."""
        return Response({"schema": documents.schema()})


class ExampleListView(ApiView):
    """The example bots that permabots brings along."""

    scopes = READING
    serializer_class = ExampleListSerializer

    def get(self, request: Request, **_: Any) -> Response:
        """Return their names."""
        return Response({"examples": documents.examples()})


class ExampleView(ApiView):
    """An example bot."""

    scopes = READING
    serializer_class = DocumentSerializer

    def get(self, request: Request, example: str, **_: Any) -> Response:
        """Return it as a document, of which ``POST /bots/document/`` makes a bot."""
        try:
            return Response(documents.example(example))
        except LookupError:
            raise NotFound from None
