"""What host projects have of their own: settings, URLs and files, as text."""

from __future__ import annotations

AWAY = "127.0.0.1:1"
"""Where nobody listens."""


def cache(backend: str, location: str) -> str:
    """Return the setting of one of Django's caches."""
    return f'CACHES = {{"default": {{"BACKEND": "django.core.cache.backends.{backend}", "LOCATION": "{location}"}}}}'


NO_TABLE = cache("db.DatabaseCache", "no_such_table")
ATOMIC_REQUESTS = 'DATABASES["default"]["ATOMIC_REQUESTS"] = True'
ANOTHER_PROVIDER = """
INSTALLED_APPS += ["tests.toy"]
PERMABOTS["PROVIDERS"] = [
    "permabots.providers.telegram.provider.Telegram",
    "permabots.providers.kik.provider.Kik",
    "permabots.providers.messenger.provider.Messenger",
    "tests.toy.provider.Toy",
]
"""
FOLDER_BROKER = """
QUEUE = BASE_DIR / "queue"
QUEUE.mkdir(exist_ok=True)
CELERY_BROKER_URL = "filesystem://"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "data_folder_in": str(QUEUE),
    "data_folder_out": str(QUEUE),
    "control_folder": str(QUEUE / "control"),
    "polling_interval": 0.05,
}
"""
JSON_LOG = """
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"fields": {"()": "permabots.logs.Fields"}},
    "formatters": {"json": {"()": "permabots.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["fields"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
"""
OTHER_APP = 'include((__import__("permabots.urls_processing").urls_processing.urlpatterns, "bots"))'
SECOND_ADMIN = """
control = admin.AdminSite(name="control")
for model, page in admin.site._registry.items():
    control.register(model, type(page))
urlpatterns.append(path("control/", control.urls))
"""
POSTGRES = """
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "postgres",
        "USER": "postgres",
        "HOST": "127.0.0.1",
        "PORT": os.environ["HOST_POSTGRES_PORT"],
    }
}
"""
PGBOUNCER = """
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "postgres",
        "HOST": "127.0.0.1",
        "PORT": os.environ["HOST_PGBOUNCER_PORT"],
        "CONN_MAX_AGE": None,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {"connect_timeout": 2, "prepare_threshold": None},
    }
}
"""
MARIADB = """
import pymysql

pymysql.version_info = (2, 2, 1, "final", 0)  # it stands in for mysqlclient, whose version Django looks at
pymysql.install_as_MySQLdb()
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.mysql",
        "NAME": "host",
        "USER": "host",
        "HOST": "127.0.0.1",
        "PORT": os.environ["HOST_MARIADB_PORT"],
        "CONN_MAX_AGE": None,
        "OPTIONS": {"charset": "utf8mb4"},
    }
}
"""
RABBITMQ = "CELERY_BROKER_URL = f\"amqp://guest:guest@127.0.0.1:{os.environ['HOST_RABBITMQ_PORT']}//\"\n"
TWO_DATABASES = """
DATABASES["main"] = DATABASES["default"]
DATABASES["default"] = {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "default.sqlite3"}
DATABASE_ROUTERS = ["host.router.Router"]
"""
ROUTER = """
class Router:
    def db_for_read(self, model, **hints):
        return "main"

    def db_for_write(self, model, **hints):
        return "main"

    def allow_migrate(self, db, app_label, **hints):
        return db == "main"
"""
LOGIN_REQUIRED = 'MIDDLEWARE.append("django.contrib.auth.middleware.LoginRequiredMiddleware")'

PEOPLE = """
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models


class People(BaseUserManager):
    def create_superuser(self, email, password):
        user = self.model(email=email, is_staff=True, is_superuser=True)
        user.set_password(password)
        user.save()
        return user


class Person(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(primary_key=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    USERNAME_FIELD = "email"
    objects = People()
"""
HOSTILE_DRF = """
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.AdminRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.MultiPartParser"],
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.AnonRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"anon": "1/day"},
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 1,
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.AcceptHeaderVersioning",
    "ALLOWED_VERSIONS": ["9"],
    "EXCEPTION_HANDLER": "host.nowhere",
    "NON_FIELD_ERRORS_KEY": "all",
    "DATETIME_FORMAT": "%s",
    "COERCE_DECIMAL_TO_STRING": False,
}
"""
I18N_URLS = """
from django.conf.urls.i18n import i18n_patterns

urlpatterns = [*urlpatterns[:-1], *i18n_patterns(path("admin/", admin.site.urls))]
"""
POLICY = """
def strict(get_response):
    def answer(request):
        response = get_response(request)
        text = response.content.decode(errors="replace")
        for inline in ("<script>", "<style>", " style=", " onclick=", "javascript:"):
            if "/permabots/" in request.path and inline in text:
                raise AssertionError(f"{inline} in {request.path}")
        response["Content-Security-Policy"] = "default-src 'self'"
        return response

    return answer
"""
