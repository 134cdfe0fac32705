"""One URL."""

from django.urls import path

from benchmarks.yardstick.views import webhook

urlpatterns = [path("webhook/", webhook)]
