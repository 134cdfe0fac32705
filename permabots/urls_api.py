"""URLs of the REST API: ``include("permabots.urls_api", namespace="api")``."""

from django.urls import URLPattern, URLResolver

app_name = "api"

urlpatterns: list[URLPattern | URLResolver] = []
