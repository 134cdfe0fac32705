"""The playground: talking to a bot before it is connected anywhere, on every messenger at once, and seeing why."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import path, reverse
from rest_framework.exceptions import ValidationError as Refused

from permabots.admin.base import OwnedAdmin
from permabots.admin.formatting import limits_in_words
from permabots.admin.playground.session import SessionSigner
from permabots.admin.playground.turn import body_of, sentences, text_of, turn
from permabots.database import non_atomic_requests
from permabots.exceptions import Busy, TooManyAtOnce, TooManyCalls
from permabots.models import Bot, ConversationTest
from permabots.models.registry import providers
from permabots.pipeline.authoring import configuration
from permabots.pipeline.authoring.author_slots import author_slot
from permabots.security.rates import count_call


class BotPages(OwnedAdmin):
    """Further pages of one bot."""

    def own_bot(self, request: HttpRequest, object_id: UUID, *, change: bool) -> Bot:
        """Return the bot of a page.

        Args:
            request: the user's request.
            object_id: the bot's id.
            change: whether the page wants the permission to change the bot.

        Raises:
            Http404: there is none, or it is somebody else's.
            PermissionDenied: the user lacks the permission for bots.
        """
        bot: Any = self.get_object(request, str(object_id))
        if bot is None:
            raise Http404
        may = self.has_change_permission if change else self.has_view_permission
        if not may(request, bot):
            raise PermissionDenied
        return bot

    def page(self, request: HttpRequest, template: str, bot: Bot, title: str, **context: Any) -> HttpResponse:
        """Return a page of a bot."""
        return self.page_of_site(request, template, {"original": bot, "title": title, **context})

    def bot_url(self, name: str, bot: Bot) -> str:
        """Return the URL of a page of a bot."""
        return reverse(f"{self.admin_site.name}:permabots_bot_{name}", args=[bot.pk])


class PlaygroundPages(BotPages):
    """The page, and the views that its script calls. Nothing is sent to a messenger; only saved tests are stored."""

    def get_urls(self) -> list[Any]:
        pages = [
            path(f"<uuid:object_id>/playground/{where}", self.admin_site.admin_view(view), name=f"permabots_bot_{name}")
            for where, view, name in (
                ("", self.playground, "playground"),
                ("say/", self.say, "playground_say"),
                ("save/", self.save_test, "playground_save"),
            )
        ]
        return [*pages, *super().get_urls()]

    def playground(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Show the page."""
        bot = self.own_bot(request, object_id, change=True)
        tests: Any = self.admin_site.get_model_admin(ConversationTest)
        return self.page(
            request,
            "playground.html",
            bot,
            f"Talk to {bot}",
            services=[(provider, limits_in_words(provider.limits)) for provider in providers().values()],
            states=[state.name for state in bot.states.all()],
            say_url=self.bot_url("playground_say", bot),
            save_url=self.bot_url("playground_save", bot) if tests.may_save(request) else "",
        )

    # It may call the author's API: no transaction of a host project stays open meanwhile.
    @non_atomic_requests
    def say(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Answer the script with what the bot answers."""
        bot = self.own_bot(request, object_id, change=True)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            count_call(request.user.pk, bot.pk)
            body = body_of(request.body)
            seal = self._seal(request, bot, body)
            with author_slot(request.user.pk):
                return JsonResponse(turn(bot, body, seal, site=self.admin_site.name))
        except (TooManyCalls, TooManyAtOnce, Busy) as busy:
            return JsonResponse({"errors": [str(busy)]}, status=429, headers={"Retry-After": f"{busy.seconds:.0f}"})
        except (ValidationError, Refused) as error:
            return JsonResponse({"errors": sentences(error)}, status=400)

    def save_test(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Keep a conversation as a test of the bot."""
        bot = self.own_bot(request, object_id, change=True)
        tests: Any = self.admin_site.get_model_admin(ConversationTest)
        if not tests.may_save(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            body = body_of(request.body)
            session = self._seal(request, bot, body).open(text_of(body, "session"))
            test = ConversationTest(bot=bot, provider=text_of(body, "service"), state=session.start)
            with configuration.editing(bot):
                configuration.save(test, {"name": text_of(body, "name").strip(), "steps": list(session.steps)})
        except ValidationError as error:
            return JsonResponse({"errors": sentences(error)}, status=400)
        tests.log_addition(request, test, "Saved from the playground.")
        name = f"{self.admin_site.name}:permabots_conversationtest_change"
        return JsonResponse({"name": test.name, "url": reverse(name, args=[test.pk])}, status=201)

    def _seal(self, request: HttpRequest, bot: Bot, body: Any) -> SessionSigner:
        return SessionSigner(bot.pk, request.user.pk, text_of(body, "service"))
