"""The SQLite lane: the project of the tests with the database, the cache and the broker of a host that sets nothing."""

from tests.settings import *  # noqa: F403 - one project, two lanes

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ":memory:",
        "TEST": {"NAME": None},  # filled in by the session of tests: a file, since threads and processes share its rows
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
