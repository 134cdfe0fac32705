"""The project of the tests, with PostgreSQL and Redis (see `tests.conftest`, which starts them).

``tests.settings_sqlite`` is the other lane: the same project with what a host project has that sets nothing.
"""

import os

SECRET_KEY = "tests"
ALLOWED_HOSTS = ["*"]
DEBUG = False
SITE_ID = 1
USE_TZ = True
TIME_ZONE = "UTC"
ROOT_URLCONF = "tests.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sites",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "permabots",
]
MIDDLEWARE = [
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

# Host and port are those of the server that the session of tests starts: it fills them in.
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "permabots",
        "USER": "postgres",
        "HOST": "127.0.0.1",
        "PORT": os.environ.get("PERMABOTS_TEST_POSTGRES_PORT", "1"),
        # As the documentation has it. What is bound in the client is tested in test_query_counts.
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 5},
    }
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ.get("PERMABOTS_TEST_CACHE_URL", "redis://127.0.0.1:1/1"),
    }
}

CELERY_BROKER_URL = os.environ.get("PERMABOTS_TEST_BROKER_URL", "memory://")
CELERY_TASK_IGNORE_RESULT = True
