"""Conversation tests: their content, and the results of running them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from permabots.admin.base import BotChildAdmin
from permabots.admin.filters import BotFilter, ProviderFilter
from permabots.admin.formatting import block
from permabots.exceptions import TooManyAtOnce, TooManyCalls
from permabots.models import ConversationTest
from permabots.models.registry import providers
from permabots.pipeline.authoring.author_slots import author_slot
from permabots.pipeline.authoring.conversation_tests import Result, deadline, lines, run
from permabots.security.rates import count_call


@admin.register(ConversationTest)
class ConversationTestAdmin(BotChildAdmin):
    """Conversation tests. They are made in the playground or by the API."""

    fields = ["bot", "name", "provider", "state", "conversation"]
    readonly_fields = ["provider", "state", "conversation"]
    list_display = ["name", "bot", "provider", "state", "length", "created_at"]
    list_filter = [BotFilter, ProviderFilter]
    list_select_related = ["bot"]
    search_fields = ["name", "bot__name"]
    ordering = ["bot__name", "name", "created_at"]
    actions = ["run_tests"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: tests are made in the playground, and there is no form for them."""
        return False

    def may_save(self, request: HttpRequest) -> bool:
        """Whether a user may save a conversation as a test."""
        return super().has_add_permission(request)

    @admin.action(description="Run", permissions=["view"])
    def run_tests(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        """Run the chosen tests and show the results; the author's API is not called."""
        try:
            count_call(request.user.pk)
            with author_slot(request.user.pk):
                return self._run(request, rows)
        except (TooManyCalls, TooManyAtOnce) as busy:
            self.message_user(request, str(busy), messages.ERROR)
        return None

    def _run(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse:
        results = _results(rows.select_related(*(f"bot__{slug}_bot" for slug in providers())))
        context = {
            "title": "Conversation tests",
            "results": results,
            "failed": sum(not result.passed for result in results),
        }
        return self.page_of_site(request, "playground_tests.html", context)

    @admin.display(description="steps")
    def length(self, row: ConversationTest) -> int:
        return len(row.steps)

    @admin.display(description="conversation")
    def conversation(self, row: ConversationTest) -> str:
        return block("\n".join(line for step in row.dialogue() for line in lines(step)))


def _results(tests: Iterable[ConversationTest]) -> list[Result]:
    """Return the results of tests, bot by bot."""
    until = deadline()
    return [result for bot, group in groupby(tests, key=attrgetter("bot")) for result in run(bot, group, until)]
