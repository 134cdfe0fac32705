"""Settings of the yardstick: those of the demo project for the database, the broker and Celery, and nothing else."""

import os

import dj_database_url
from celery.signals import setup_logging

SECRET_KEY = "benchmarks"  # noqa: S105 - it signs nothing
ALLOWED_HOSTS = ["127.0.0.1"]
USE_TZ = True
ROOT_URLCONF = "benchmarks.yardstick.urls"
INSTALLED_APPS = ["benchmarks.yardstick"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": dj_database_url.config(conn_max_age=None)}
CELERY_BROKER_URL = os.environ["CELERY_BROKER_URL"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
TELEGRAM_API_URL = os.environ["PERMABOTS_TELEGRAM_API_URL"]


@setup_logging.connect
def _keep_logging(**_: object) -> None:
    """Celery would log every task."""
