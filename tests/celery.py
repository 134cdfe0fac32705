"""The Celery application of the tests: a broker in memory, unless a test brings its own."""

from celery import Celery

app = Celery("tests")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()
