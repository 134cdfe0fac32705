"""The API, the webhooks, the checks of health, the metrics and the admin, where the documentation shows them."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("permabots.urls_api", namespace="api")),
    path("processing/", include("permabots.urls_processing", namespace="permabots")),
    path("", include("permabots.urls_health", namespace="health")),
    path("", include("permabots.urls_metrics", namespace="metrics")),
    path("admin/", admin.site.urls),
]
