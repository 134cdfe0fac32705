"""The API, the webhooks, the checks of health, the metrics and the admin, where the documentation shows them.

The admin's style and script are served by Django itself: the demo is for the person at this machine, who has nothing to
collect and no web server to set up, and ``insecure`` only says that this is no way for a site on the internet. There,
``collectstatic`` and a web server (or WhiteNoise) do it.
"""

from django.contrib import admin
from django.contrib.staticfiles.views import serve
from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("permabots.urls_api", namespace="api")),
    path("processing/", include("permabots.urls_processing", namespace="permabots")),
    path("chat/", include("permabots.urls_chat", namespace="chat")),
    path("", include("permabots.urls_health", namespace="health")),
    path("", include("permabots.urls_metrics", namespace="metrics")),
    path("admin/", admin.site.urls),
    path("static/<path:path>", serve, {"insecure": True}),
]
