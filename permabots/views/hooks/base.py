"""The webhook of every provider: verify, parse, store, wake, 200."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from permabots import logs, metrics
from permabots.database import close_with_stale_plans, non_atomic_requests
from permabots.exceptions import SecretUnreadable, WebhookRejected
from permabots.models.registry import providers
from permabots.page_headers import protected_data
from permabots.pipeline.receiving import webhook_cache
from permabots.pipeline.receiving.batches import next_batch
from permabots.pipeline.receiving.webhook_target import WebhookTarget
from permabots.tasks import accept
from permabots.values import WebhookRequest
from permabots.views.access.networks import check_network
from permabots.views.hooks import account_rate
from permabots.views.request_reading import webhook_request

logger = logs.get_logger(__name__)

TRY_AGAIN = 5
"""Seconds after which a provider may try again what could not be stored."""


@method_decorator([login_not_required, csrf_exempt, non_atomic_requests, protected_data], name="dispatch")
class HookView(View):
    """Takes a provider's events in.

    The view checks the provider's signature; the host's authentication, throttles and transactions do not apply.
    It answers 200 only where all events of a call are stored.

    Attributes:
        slug: the provider.
    """

    slug = ""

    def post(self, request: HttpRequest, hook_id: UUID) -> HttpResponse:
        """Store the events: 200 when they are stored, 503 when they could not be, 403, 400, 413 or 429 when refused."""
        with logs.bind(provider=self.slug), metrics.timed("webhook", self.slug):
            return self._answer(request, hook_id)

    def get(self, request: HttpRequest, hook_id: UUID) -> HttpResponse:
        """Answer the provider's handshake, where it makes one."""
        try:
            check_network(providers()[self.slug], request)
            target = self._target(hook_id)
            if target is None:
                return JsonResponse({}, status=404)
            text = providers()[self.slug].handshake(
                webhook_request(request), {**target.secrets, "id": str(target.integration_id)}
            )
        except WebhookRejected as refusal:
            logger.warning("%s handshake %s refused: %s", self.slug, hook_id, refusal.reason)
            return self._refused(refusal)
        except SecretUnreadable as error:
            return self._unreadable(hook_id, error)
        return HttpResponse(text, content_type="text/plain")

    def _answer(self, request: HttpRequest, hook_id: UUID) -> HttpResponse:
        try:
            return self._take(request, hook_id)
        except WebhookRejected as refusal:
            logger.warning("%s webhook %s refused: %s", self.slug, hook_id, refusal.reason)
            return self._refused(refusal)
        except SecretUnreadable as error:
            return self._unreadable(hook_id, error)
        except Error as error:
            logger.exception("%s webhook %s not stored: %s", self.slug, hook_id, type(error).__name__)
            close_with_stale_plans(error)
            return self._later()

    def _take(self, request: HttpRequest, hook_id: UUID) -> HttpResponse:
        provider = providers()[self.slug]
        check_network(provider, request)  # before anything is read
        target = self._target(hook_id)
        if target is None:
            return JsonResponse({}, status=404)
        call = webhook_request(request)
        try:
            provider.verify(call, target.secrets)
        except WebhookRejected:
            # The cache may be out of date: ask the database, once.
            target = self._verified_anew(call, hook_id)
        if target.bot_id is None:
            target = webhook_cache.read_webhook_target(self.slug, hook_id) or target
        if target.bot_id is None:
            # The account is being connected or removed at this moment: the provider's next try will tell.
            return self._later()
        account_rate.check(target.integration_id)
        batch = next_batch(target, provider.parse(call, target.identity))
        order = account_rate.count(target.integration_id, target.owner, len(batch.events))
        accept(target, batch.events, order)
        if batch.more:
            logger.warning("%s webhook %s: %s events of a call are stored", self.slug, hook_id, len(batch.events))
        return self._later() if batch.more else JsonResponse({})

    def _verified_anew(self, call: WebhookRequest, hook_id: UUID) -> WebhookTarget:
        if (target := webhook_cache.read_webhook_target(self.slug, hook_id)) is None:
            raise WebhookRejected("its account is gone")
        providers()[self.slug].verify(call, target.secrets)
        return target

    def _target(self, hook_id: UUID) -> WebhookTarget | None:
        return webhook_cache.get_webhook_target(self.slug, hook_id)

    def _refused(self, refusal: WebhookRejected) -> HttpResponse:
        later = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else {}
        content = {"detail": refusal.detail} if refusal.detail else {}
        return JsonResponse(content, status=refusal.status, headers=later)

    def _unreadable(self, hook_id: UUID, error: SecretUnreadable) -> HttpResponse:
        logger.error("%s webhook %s not taken: %s", self.slug, hook_id, error)
        return self._later()

    def _later(self) -> HttpResponse:
        return JsonResponse({}, status=503, headers={"Retry-After": str(TRY_AGAIN)})

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        allowed = ", ".join(name.upper() for name in self.http_method_names if hasattr(self, name))
        return JsonResponse({}, status=405, headers={"Allow": allowed})
