"""URLs that providers and users' programs call: ``include("permabots.urls_processing", namespace="permabots")``."""

from django.urls import path

from permabots.models.registry import providers
from permabots.views.hooks.base import HookView
from permabots.views.hooks.permabots_hook import PermabotsHookView

app_name = "permabots"

urlpatterns = [
    *(
        path(f"{slug}bot/<uuid:hook_id>/", HookView.as_view(slug=slug), name=f"{slug}bot")
        for slug, it in providers().items()
        if it.has_webhook
    ),
    path("hook/<str:key>/", PermabotsHookView.as_view(), name="hook"),
]
