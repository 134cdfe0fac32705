"""The Celery application of the yardstick."""

from celery import Celery

app = Celery("yardstick")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Celery closes the database connection around every task unless it is told how many tasks may share one.
app.conf["CELERY_DB_REUSE_MAX"] = 100_000
app.autodiscover_tasks(["benchmarks.yardstick"])
