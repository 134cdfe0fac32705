"""The observing part of the API, by itself."""

from django.urls import include, path

from permabots.views.api.traffic.messages import urlpatterns as observing

urlpatterns = [
    path("api/", include((observing, "api"), namespace="api")),
    path("processing/", include("permabots.urls_processing", namespace="permabots")),
]
