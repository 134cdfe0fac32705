"""The URLs of a host project, as the documentation shows them."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("processing/", include("permabots.urls_processing", namespace="permabots")),
    path("permabots/api/", include("permabots.urls_api", namespace="api")),
    path("chat/", include("permabots.urls_chat", namespace="chat")),
    path("", include("permabots.urls_health", namespace="health")),
    path("", include("permabots.urls_metrics", namespace="metrics")),
    path("admin/", admin.site.urls),
]
