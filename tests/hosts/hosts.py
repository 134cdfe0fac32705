"""The projects, each with the smallest change that makes it what it is."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from tests.hosts.life import USUAL
from tests.hosts.project import URLS, Project, Ran
from tests.hosts.run import NONE
from tests.hosts.servers import DebianServer, MariaDb, PgBouncer, RabbitMq
from tests.hosts.variants import (
    ANOTHER_PROVIDER,
    ATOMIC_REQUESTS,
    AWAY,
    FOLDER_BROKER,
    HOSTILE_DRF,
    I18N_URLS,
    JSON_LOG,
    LOGIN_REQUIRED,
    MARIADB,
    NO_TABLE,
    OTHER_APP,
    PEOPLE,
    PGBOUNCER,
    POLICY,
    POSTGRES,
    RABBITMQ,
    ROUTER,
    SECOND_ADMIN,
    TWO_DATABASES,
    cache,
)
from tests.servers import Postgres, Redis
from tests.servers.process import Server


@dataclass(frozen=True, slots=True)
class Host:
    """A kind of project.

    Args:
        name: in a word or two.
        settings: lines at the end of its settings.
        urls: its URLs; "" for those of docs/installation.rst.
        files: more files, by their paths in it.
        environment: of its programs.
        steps: what happens in it, methods of `tests.hosts.life.Life`; () for the usual.
        later: lines that are added to its settings when it has lived for a while.
        later_steps: what happens then.
        quick: whether ``make test`` runs it too.
        servers: what runs beside it: names in `SERVERS`; its settings read the port from ``HOST_<NAME>_PORT``.
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
    servers: tuple[str, ...] = ()
    needs: str = ""

    @property
    def left_out(self) -> str:
        """Why it cannot live here, "" where it can."""
        if self.needs and find_spec(self.needs) is None:
            return f"{self.needs} is not installed"
        kinds = [SERVERS[name] for name in self.servers]
        return next((why for kind in kinds if issubclass(kind, DebianServer) and (why := kind.why_not())), "")

    def live(self) -> Ran:
        """Make the project, let it live, and return how that ended."""
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="permabots-host-"))
            environment = dict(self.environment)
            for name in self.servers:
                environment[f"HOST_{name.upper()}_PORT"] = str(stack.enter_context(SERVERS[name]()).port)
            project = Project(Path(folder), self.settings, self.urls, dict(self.files))
            ran = project.run([*LIFE, *self.steps], environment)
            if ran.status or not self.later_steps:
                return ran
            project.add_settings(self.later)
            return project.run([*LIFE, *self.later_steps], environment)


SERVERS: Mapping[str, type[Server]] = {
    "postgres": Postgres,
    "redis": Redis,
    "pgbouncer": PgBouncer,
    "mariadb": MariaDb,
    "rabbitmq": RabbitMq,
}
LIFE = (sys.executable, "-W", "error::RuntimeWarning", "-m", "tests.hosts.run")
CORE = ("migrate", "author", "build", "talk", "tell")
"""Steps without the pages, which take seconds."""

HOSTS = (
    Host("as startproject makes it"),
    Host(
        "all that forbids at once: logins, the REST framework, transactions, a cache without its table",
        "\n".join((LOGIN_REQUIRED, ATOMIC_REQUESTS, HOSTILE_DRF, NO_TABLE)),
        steps=(*CORE, "watch"),
        quick=True,
    ),
    Host("LoginRequiredMiddleware", LOGIN_REQUIRED, steps=(*CORE, "watch")),
    Host("LoginRequiredMiddleware and the admin", LOGIN_REQUIRED),
    Host(
        "users of its own, whose key is a text",
        'INSTALLED_APPS += ["people"]\nAUTH_USER_MODEL = "people.Person"',
        files={"people/__init__.py": "", "people/models.py": PEOPLE},
        steps=("user", *USUAL),
    ),
    Host("ATOMIC_REQUESTS", ATOMIC_REQUESTS, steps=CORE),
    Host("settings of the REST framework that forbid everything", HOSTILE_DRF, steps=CORE),
    Host(
        "languages in the addresses",
        'MIDDLEWARE.insert(2, "django.middleware.locale.LocaleMiddleware")\nLANGUAGE_CODE = "de"',
        urls=URLS + I18N_URLS,
        environment={"HOST_ADMIN": "de/admin"},
    ),
    Host(
        "a strict Content-Security-Policy",
        'MIDDLEWARE.append("host.policy.strict")',
        files={"host/policy.py": POLICY},
    ),
    Host(
        "a broker whose transport is not installed",
        'CELERY_BROKER_URL = "nowhere://"',
        environment={"HOST_POOL": NONE},
        steps=("migrate", "author", "build", "store"),
    ),
    Host(
        "USE_TZ=False in Chicago",
        'USE_TZ = False\nTIME_ZONE = "America/Chicago"',
        environment={"HOST_REFUSED": "permabots.E005"},
        steps=("refused",),
    ),
    Host(
        "two databases, with everything in the second",
        TWO_DATABASES + 'DATABASES["main"]["ATOMIC_REQUESTS"] = True\n',
        files={"host/router.py": ROUTER},
        environment={"HOST_DATABASE": "main"},
    ),
    Host(
        "two databases on PostgreSQL, with everything in the second",
        POSTGRES + TWO_DATABASES,
        files={"host/router.py": ROUTER},
        environment={"HOST_DATABASE": "main"},
        servers=("postgres",),
    ),
    Host(
        "PgBouncer, a connection for each transaction",
        PGBOUNCER + FOLDER_BROKER,
        environment={"HOST_POOL": "threads"},
        steps=(*USUAL, "pool", "account"),
        servers=("pgbouncer",),
    ),
    Host("MariaDB", MARIADB, needs="pymysql", servers=("mariadb",)),
    Host(
        "MariaDB and a worker of processes",
        MARIADB + FOLDER_BROKER,
        environment={"HOST_POOL": "prefork"},
        steps=CORE,
        needs="pymysql",
        servers=("mariadb",),
    ),
    Host("RabbitMQ", RABBITMQ, environment={"HOST_POOL": "prefork"}, servers=("rabbitmq",)),
    Host(
        "RabbitMQ and a worker of threads",
        RABBITMQ,
        environment={"HOST_POOL": "threads"},
        steps=CORE,
        servers=("rabbitmq",),
    ),
    Host(
        "django-unfold",
        'INSTALLED_APPS = ["unfold", *INSTALLED_APPS]',
        needs="unfold",
    ),
    Host("a worker of processes", FOLDER_BROKER, environment={"HOST_POOL": "prefork"}),
    Host("a worker of threads", FOLDER_BROKER, environment={"HOST_POOL": "threads"}),
    Host("a worker of gevent's", FOLDER_BROKER, environment={"HOST_POOL": "gevent"}, needs="gevent"),
    Host(
        "a log of JSON",
        FOLDER_BROKER + JSON_LOG,
        environment={"HOST_POOL": "threads"},
        steps=("migrate", "author", "build", "talk", "logged"),
    ),
    Host("mounted below a path by the web server", environment={"HOST_PREFIX": "/sub"}, steps=(*USUAL, "command")),
    Host(
        "another namespace for the webhooks",
        urls=URLS.replace('namespace="permabots"', 'namespace="bots"'),
    ),
    Host(
        "webhooks under another name of their app",
        urls=URLS.replace('include("permabots.urls_processing", namespace="permabots")', OTHER_APP),
        environment={"HOST_REFUSED": "permabots.W012"},
        steps=("warned",),
    ),
    Host(
        "no authtoken",
        'INSTALLED_APPS.remove("rest_framework.authtoken")',
        environment={"HOST_REFUSED": "permabots.E007"},
        steps=("refused",),
    ),
    Host("two admin sites", urls=URLS + SECOND_ADMIN, environment={"HOST_ADMIN": "control"}),
    Host("USE_TZ=False in UTC", 'USE_TZ = False\nTIME_ZONE = "UTC"'),
    Host("another time zone", 'TIME_ZONE = "Pacific/Kiritimati"'),
    Host("a cache whose server is away, by pymemcache", cache("memcached.PyMemcacheCache", AWAY), needs="pymemcache"),
    Host("a cache whose server is away, by pylibmc", cache("memcached.PyLibMCCache", AWAY), needs="pylibmc"),
    Host("a cache in the database without its table", NO_TABLE, steps=CORE),
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
