"""URL for Prometheus: ``include("permabots.urls_metrics", namespace="metrics")``. It needs the extra [metrics]."""

from django.urls import path

from permabots.views.metrics import MetricsView

app_name = "metrics"

urlpatterns = [path("metrics", MetricsView.as_view(), name="metrics")]
