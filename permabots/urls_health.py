"""URLs of an orchestrator's probes: ``include("permabots.urls_health", namespace="health")``."""

from django.urls import path

from permabots.views.health import HealthView, ReadyView

app_name = "health"

urlpatterns = [
    path("healthz", HealthView.as_view(), name="healthz"),
    path("readyz", ReadyView.as_view(), name="readyz"),
]
