"""Simulations: what a bot would answer, without a message."""

from __future__ import annotations

from typing import Any

from django.utils.decorators import method_decorator
from rest_framework.request import Request
from rest_framework.response import Response

from permabots.database import non_atomic_requests
from permabots.pipeline.authoring.author_slots import author_slot
from permabots.pipeline.authoring.simulate import simulate
from permabots.serializers.observing_simulation import QuestionSerializer, SimulationSerializer, simulated
from permabots.views.access.scopes import CONFIGURATION
from permabots.views.base import BotView


# It may call the user's API: no transaction of a host project stays open meanwhile.
@method_decorator(non_atomic_requests, name="dispatch")
class SimulationView(BotView):
    """Simulations of a bot."""

    scopes = CONFIGURATION  # it may call the author's API, which may change something
    body_class = QuestionSerializer
    serializer_class = SimulationSerializer

    def post(self, request: Request, **_: Any) -> Response:
        """Return what the bot would answer now; nothing is sent and nothing stored.

        The user's API is called for it, unless ``response`` brings its answer. An author may have a few simulations,
        turns in the playground and runs of tests at once; one too many is answered 429 at once.
        """
        bot = self.owned_bot()
        checked = self.body_class(data=request.data, context={"bot": bot})
        checked.is_valid(raise_exception=True)
        question = checked.question()
        with author_slot(request.user.pk):
            result = simulate(bot, question)
        return Response(self.serializer_class(simulated(question, result)).data)
