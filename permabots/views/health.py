"""Health checks: whether a process lives, for its supervisor, and whether it can work, for monitoring."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from permabots.database import non_atomic_requests
from permabots.views.health_checks import CHECKS, findings

SECONDS = 2.0
"""How long all checks together may take."""


@method_decorator([login_not_required, never_cache, non_atomic_requests], name="dispatch")
class HealthView(View):
    """Says that the process answers. It asks no server: a database that is away is no reason to restart a process."""

    def get(self, request: HttpRequest) -> JsonResponse:
        """Answer 200."""
        return JsonResponse({"status": "ok"})


@method_decorator([login_not_required, never_cache, non_atomic_requests], name="dispatch")
class ReadyView(View):
    """Says whether the database and the broker answer, and whether work is being done."""

    def get(self, request: HttpRequest) -> JsonResponse:
        """Answer 200, or 503 with what is wrong. ``?exclude=broker`` leaves a check out; it may be given again."""
        excluded = request.GET.getlist("exclude")
        if unknown := sorted({*excluded} - {*CHECKS}):
            return JsonResponse({"status": "failed", "error": f"no check is called {unknown[0][:50]!r}"}, status=400)
        results = findings([name for name in CHECKS if name not in excluded], SECONDS)
        ready = all(finding["ok"] for finding in results.values())
        return JsonResponse({"status": "ok" if ready else "failed", "checks": results}, status=200 if ready else 503)
