"""The Celery application of the demo project: ``celery -A demo worker``."""

import os

from celery import Celery

from demo import files

files.use()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "demo.settings")

app = Celery("demo")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Celery closes the database connection around every task unless it is told how many tasks may share one.
app.conf["CELERY_DB_REUSE_MAX"] = 100_000
app.autodiscover_tasks(["permabots"])
