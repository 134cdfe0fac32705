"""Health checks: whether a process lives, for its supervisor, and whether it can work, for monitoring."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from permabots import logs
from permabots.database import non_atomic_requests
from permabots.page_headers import protected_data
from permabots.views.health_checks import CHECKS, findings
from permabots.views.operators import is_operator

logger = logs.get_logger(__name__)

SECONDS = 2.0
"""How long all checks together may take."""


@method_decorator([login_not_required, never_cache, non_atomic_requests, protected_data], name="dispatch")
class HealthView(View):
    """Says that the process answers. It asks no server: a database that is away is no reason to restart a process."""

    def get(self, request: HttpRequest) -> JsonResponse:
        """Answer 200."""
        return JsonResponse({"status": "ok"})


@method_decorator([login_not_required, never_cache, non_atomic_requests, protected_data], name="dispatch")
class ReadyView(View):
    """Says whether the database and the broker answer, workers live, and work is being done."""

    def get(self, request: HttpRequest) -> JsonResponse:
        """Answer 200 or 503, to operators with what each check found. ``?exclude=broker`` leaves a check out; it may be
        given again."""
        try:
            excluded = request.GET.getlist("exclude")
        except SuspiciousOperation as error:  # Django itself would answer with HTML
            return JsonResponse({"status": "failed", "error": str(error)}, status=400)
        if unknown := sorted({*excluded} - {*CHECKS}):
            return JsonResponse({"status": "failed", "error": f"no check is called {unknown[0][:50]!r}"}, status=400)
        results = findings([name for name in CHECKS if name not in excluded], SECONDS)
        failed = [name for name, finding in results.items() if not finding["ok"]]
        if failed:
            logger.warning("not ready: %s", ", ".join(failed))
        details = {"checks": results} if is_operator(request) else {}
        return JsonResponse({"status": "failed" if failed else "ok", **details}, status=503 if failed else 200)
