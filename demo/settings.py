"""Settings of the demo project. With nothing set it needs no server: SQLite, and a Celery broker made of files.

Read from the environment: ``DATABASE_URL``, ``DATABASE_SERVER_SIDE_BINDING`` (1 or 0), ``CELERY_BROKER_URL``,
``CACHE_URL``, ``SECRET_KEY``, ``ALLOWED_HOSTS`` (comma-separated), ``DEBUG`` (1 or 0), ``LOG_LEVEL``,
``PERMABOTS_DEMO_STATE`` (the folder of the files) and ``PERMABOTS_<KEY>`` for any key of ``settings.PERMABOTS``.
"""

import os
from pathlib import Path

import dj_database_url
import django_cache_url
from celery.signals import setup_logging
from django.core.management.utils import get_random_secret_key

from demo.environment import permabots_settings

STATE = Path(os.environ.get("PERMABOTS_DEMO_STATE", Path(__file__).parent.parent / ".state")).absolute()
STATE.mkdir(parents=True, exist_ok=True)


def _secret_key() -> str:
    """Return the key of this state folder, made at first: a fixed one in a repository would be no secret."""
    path = STATE / "secret_key"
    if not path.exists():
        path.write_text(get_random_secret_key())
        path.chmod(0o600)
    return path.read_text()


SECRET_KEY = os.environ.get("SECRET_KEY") or _secret_key()
DEBUG = os.environ.get("DEBUG", "0") == "1"
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
SITE_ID = 1
USE_TZ = True
TIME_ZONE = "UTC"
ROOT_URLCONF = "demo.urls"
WSGI_APPLICATION = "demo.wsgi.application"
STATIC_URL = "/static/"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.sites",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "permabots",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {
    "default": dj_database_url.config(
        default=f"sqlite:///{STATE / 'db.sqlite3'}", conn_max_age=None, conn_health_checks=False
    )
}
OPTIONS = DATABASES["default"].setdefault("OPTIONS", {})
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A transaction that reads before it writes would fail at once beside another writer: begin as a writer.
    OPTIONS.update(
        transaction_mode="IMMEDIATE", timeout=20, init_command="PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
    )
elif DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # A process that sleeps inside a transaction holds its row locks: the server ends that, and long waits for locks.
    OPTIONS.setdefault("connect_timeout", 2)
    OPTIONS.setdefault(
        "tcp_user_timeout", 5000
    )  # milliseconds; a server that is gone from the network ends its connections
    OPTIONS.setdefault(
        "options", "-c idle_in_transaction_session_timeout=10s -c lock_timeout=5s -c statement_timeout=15s"
    )
    if os.environ.get("DATABASE_SERVER_SIDE_BINDING", "1") != "0":
        # PostgreSQL plans a statement once a connection; a pooler between them must know prepared statements.
        OPTIONS.update(server_side_binding=True, prepare_threshold=5)

CACHES = {"default": django_cache_url.config(env="CACHE_URL", default="locmem://")}
if CACHES["default"]["BACKEND"].endswith("RedisCache"):
    # A cache that hangs must not hold a webhook: the database is asked instead.
    CACHES["default"].setdefault("OPTIONS", {}).update(socket_timeout=0.5, socket_connect_timeout=0.5)

CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "filesystem://")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
if CELERY_BROKER_URL.startswith("filesystem"):
    _queue = str(STATE / "broker")
    Path(_queue).mkdir(exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": _queue,
        "data_folder_out": _queue,
        "control_folder": str(STATE / "broker-control"),
        "polling_interval": 0.05,
    }
else:
    # Short time-outs: publishing must not hold a webhook. A dead worker's wake-ups come back after two minutes.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 120,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 1,
        "socket_connect_timeout": 1,
        "max_retries": 0,
    }
    CELERY_VISIBILITY_TIMEOUT = 120

PERMABOTS = permabots_settings(os.environ)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
    "NUM_PROXIES": 0,  # in front of it: limits by address go by the address of whoever connects
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
}


@setup_logging.connect
def _keep_logging(**_: object) -> None:
    """Celery would set up logging of its own: `LOGGING` stands."""
