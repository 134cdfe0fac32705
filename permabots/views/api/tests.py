"""Conversation tests."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.decorators import method_decorator
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from permabots.database import non_atomic_requests
from permabots.models import ConversationTest
from permabots.pipeline.authoring.author_slots import author_slot
from permabots.pipeline.authoring.conversation_tests import deadline, run
from permabots.serializers.tests import ConversationTestSerializer, TestRunQuery, TestRunSerializer, shown
from permabots.views.access.scopes import READING
from permabots.views.api.base import RowViewSet
from permabots.views.api.traffic.pages import parse_query, refuse_body
from permabots.views.base import BotView


class ConversationTestViewSet(RowViewSet):
    """Conversations with the answers that the bot must give."""

    serializer_class = ConversationTestSerializer
    list_parameters = frozenset({"limit", "offset"})

    def get_queryset(self) -> QuerySet[ConversationTest]:
        return ConversationTest.objects.filter(bot=self.bot)

    def new_row(self) -> ConversationTest:
        return ConversationTest(bot=self.bot)


@method_decorator(non_atomic_requests, name="dispatch")
class TestRunView(BotView):
    """Runs of a bot's conversation tests."""

    scopes = READING
    query_class = TestRunQuery
    serializer_class = TestRunSerializer

    def post(self, request: Request, **_: Any) -> Response:
        """Run all tests of the bot, or the one that ``test`` names, and compare the answers.

        Nothing is sent or stored, and the author's API is not called. A run takes at most the seconds of the setting
        ``CONVERSATION_TEST_TIMEOUT``: a test that has not ended by then has failed, and its ``problem`` says so. An
        author may have a few simulations, turns in the playground and runs of tests at once; one too many is answered
        429 at once.
        """
        bot = self.owned_bot()
        refuse_body(request, "Which test is run stands in the address: there is no body.")
        chosen = parse_query(self.query_class, request).conditions()
        tests = ConversationTest.objects.filter(bot=bot, **chosen)
        if chosen and not tests:
            raise NotFound
        with author_slot(request.user.pk):
            results = run(bot, tests, deadline())
        return Response(self.serializer_class(shown(results)).data)
