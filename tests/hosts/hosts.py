"""The projects, each with the smallest change that makes it what it is."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.hosts.life import NONE
from tests.hosts.project import Project, Ran


@dataclass(frozen=True, slots=True)
class Host:
    """A kind of project.

    Args:
        name: in a word or two.
        settings: lines at the end of its settings.
        urls: its URLs; "" for those of docs/installation.rst.
        files: more files, by their paths in it.
        environment: of its programs.
        steps: what happens in it, see `tests.hosts.life`; () for the usual.
        later: lines that are added to its settings when it has lived for a while.
        later_steps: what happens then.
        quick: whether ``make test`` runs it too.
        needs: a package that has to be installed, "" for none.
    """

    name: str
    settings: str = ""
    urls: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[str, ...] = ()
    later: str = ""
    later_steps: tuple[str, ...] = ()
    quick: bool = False
    needs: str = ""

    def live(self) -> Ran:
        """Make the project, let it live, and return how that ended."""
        with tempfile.TemporaryDirectory(prefix="permabots-host-") as folder:
            project = Project(Path(folder), self.settings, self.urls, dict(self.files))
            ran = project.run([*LIFE, *self.steps], self.environment)
            if ran.status or not self.later_steps:
                return ran
            project.add_settings(self.later)
            return project.run([*LIFE, *self.later_steps], self.environment)


LIFE = (sys.executable, "-W", "error::RuntimeWarning", "-m", "tests.hosts.life")
AWAY = "127.0.0.1:1"
"""Where nobody listens."""


def cache(backend: str, location: str) -> str:
    """Return the setting of one of Django's caches."""
    return f'CACHES = {{"default": {{"BACKEND": "django.core.cache.backends.{backend}", "LOCATION": "{location}"}}}}'


ANOTHER_PROVIDER = """
INSTALLED_APPS += ["tests.toy"]
PERMABOTS["PROVIDERS"] = [
    "permabots.providers.telegram.provider.Telegram",
    "permabots.providers.kik.provider.Kik",
    "permabots.providers.messenger.provider.Messenger",
    "tests.toy.provider.Toy",
]
"""
LOGIN_REQUIRED = 'MIDDLEWARE.append("django.contrib.auth.middleware.LoginRequiredMiddleware")'

HOSTS = (
    Host("as startproject makes it"),
    Host("LoginRequiredMiddleware", LOGIN_REQUIRED, quick=True),
    Host(
        "a broker whose transport is not installed",
        'CELERY_BROKER_URL = "nowhere://"',
        environment={"HOST_POOL": NONE},
        steps=("migrate", "author", "build", "store"),
        quick=True,
    ),
    Host(
        "USE_TZ=False in Chicago",
        'USE_TZ = False\nTIME_ZONE = "America/Chicago"',
        environment={"HOST_REFUSED": "permabots.E005"},
        steps=("refused",),
    ),
    Host("USE_TZ=False in UTC", 'USE_TZ = False\nTIME_ZONE = "UTC"'),
    Host("another time zone", 'TIME_ZONE = "Pacific/Kiritimati"'),
    Host("a cache whose server is away, by pymemcache", cache("memcached.PyMemcacheCache", AWAY), needs="pymemcache"),
    Host("a cache whose server is away, by pylibmc", cache("memcached.PyLibMCCache", AWAY), needs="pylibmc"),
    Host("a cache in the database without its table", cache("db.DatabaseCache", "no_such_table"), quick=True),
    Host("a cache of JSON", 'CACHES = {"default": {"BACKEND": "tests.hosts.caches.JsonCache"}}'),
    Host("no cache at all", cache("dummy.DummyCache", "")),
    Host("a cache in a folder", cache("filebased.FileBasedCache", "cache")),
    Host(
        "a messenger's package added later",
        steps=("migrate", "author", "build"),
        later=ANOTHER_PROVIDER,
        later_steps=("migrate",),
    ),
)
