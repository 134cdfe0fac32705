"""The Celery application of the tests: a broker in memory, unless a test brings its own."""

from celery import Celery

import demo

__all__ = ["app", "demo"]  # the demo's application would become the current one, were it imported later

app = Celery("tests")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()
app.set_current()
