"""Asking a bot what it would answer: the engine and the provider at work, nothing sent and nothing stored."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

import requests

from permabots.conf import get_config
from permabots.engine.definitions import StateDefinition
from permabots.engine.http.client import Api, RequestLimits, UserApi
from permabots.engine.http.prepared import PreparedCall
from permabots.engine.http.request_building import first_request
from permabots.engine.http.responses import ApiResponse, parse_response, read
from permabots.engine.test_steps import StubResponse
from permabots.engine.turn_values import Outcome
from permabots.exceptions import RequestFailed
from permabots.models import Bot
from permabots.models.registry import providers
from permabots.pipeline.answering.compiled_bots import compiled
from permabots.pipeline.answering.translation import calls, turn_input, with_stored_data
from permabots.pipeline.user_api.guarded_client import BotApi
from permabots.values import Answer, Identity, Inbound, Json, Kind, Payload, WebhookRequest

SIMULATED_USER_ID = "1"
"""The id of the person, and of the chat, where the caller names none."""
CPU_SHARE = 0.1
"""The part of a thread's time that templates of a simulation compute: the threads beside it answer other people."""


@dataclass(frozen=True, slots=True)
class Question:
    """The question to a bot.

    Args:
        service: the provider's slug.
        text: what a person wrote, or the data of the button they pressed.
        kind: ``text`` or ``button``.
        chat: the chat's id, "" for the person's own.
        user: the person's id, "" for whoever that chat says.
        state: where the chat is, None for nowhere.
        contexts: what the chat kept of earlier states, by their keys.
        response: what the user's API answers; None to call it.
    """

    service: str
    text: str
    kind: Kind = Kind.TEXT
    chat: str = ""
    user: str = ""
    state: StateDefinition | None = None
    contexts: Mapping[str, Json] = field(default_factory=dict)
    response: StubResponse | None = None


@dataclass(frozen=True, slots=True)
class Simulation:
    """The answer of a bot, and what it would change.

    Args:
        outcome: as the engine decided it.
        payloads: the calls to the provider that would be made, in order.
    """

    outcome: Outcome
    payloads: tuple[Payload, ...]


class CannedApi(UserApi):
    """A user's API with one fixed response and no connection.

    What is asked is checked and what is answered is read as if it had come from the network.

    Args:
        answer: what it answers.
        limits: as in `UserApi`.
    """

    def __init__(self, answer: StubResponse, limits: RequestLimits) -> None:
        super().__init__(limits)
        self._canned = answer

    def call(self, prepared: PreparedCall, idempotency_key: str) -> ApiResponse:
        try:
            first_request(prepared, idempotency_key)
            return self._read()
        except RequestFailed as error:
            return ApiResponse(0, error=str(error))

    def _read(self) -> ApiResponse:
        if not self._canned.status:
            raise RequestFailed("no answer")
        response = requests.Response()
        response.raw = io.BytesIO(json.dumps(self._canned.data).encode())
        return parse_response(self._canned.status, read(response, self._limits.max_bytes))


def simulate(bot: Bot, question: Question, api: Api | None = None) -> Simulation:
    """Return what a bot would answer, by the configuration in force.

    The user's API is called as always unless the question brings its answer: under the circuit breaker of the messages,
    with ``SIMULATION_TIMEOUT``. The ``Idempotency-Key`` of such a call begins with ``permabots-simulation-``.

    Args:
        bot: with its integrations.
        question: a provider's ids that are numbers must be digits.
        api: what the request is made through; None for what the question says.
    """
    provider = providers()[question.service]
    inbound = with_stored_data(_inbound(bot, question), bot.pk)
    if inbound.kind is Kind.IGNORED:
        trace = {"notes": [f"the message is ignored: {inbound.reason}"]}
        return Simulation(Outcome(None, Answer(), None, None, trace), ())
    turn = turn_input(
        provider,
        inbound,
        state=question.state,
        contexts=question.contexts,
        idempotency_key=f"permabots-simulation-{uuid4()}",
        fallback=bot.fallback_text,
    )
    outcome = compiled(bot).answer(turn, api or api_of(bot, question.response), CPU_SHARE)
    return Simulation(outcome, (*provider.acknowledge(inbound), *calls(provider, inbound, outcome)))


def _inbound(bot: Bot, question: Question) -> Inbound:
    """Return the message as the provider reads it from a call of its own making."""
    provider = providers()[question.service]
    chat = question.chat or question.user or SIMULATED_USER_ID
    user = question.user or provider.user_of_private_chat(chat) or SIMULATED_USER_ID
    integration = bot.integration(question.service)
    identity = integration.account_identity() if integration else Identity()
    body = provider.simulated_update(question.text, question.kind, chat, user)
    return provider.parse(WebhookRequest(json.dumps(body).encode()), identity)[0]


def api_of(bot: Bot, answer: StubResponse | None) -> Api:
    """Return an API with a fixed response, for None the client that calls users' APIs, under the limits of workers."""
    if answer is None:
        config = get_config()
        timeout = min(config.request_timeout, config.simulation_timeout)
        return BotApi(bot.pk, bot.owner_id, has_recent_failures=True, timeout=timeout)
    return CannedApi(answer, RequestLimits(max_bytes=get_config().request_max_bytes))
