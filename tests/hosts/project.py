"""Making a host project and running programs in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.core.management import call_command

ROOT = Path(__file__).parents[2]
SECONDS = 120.0
"""How long one program may take."""

SETTINGS = """
# What docs/installation.rst has added to a project

INSTALLED_APPS += ["rest_framework", "rest_framework.authtoken", "permabots"]
DATABASES["default"]["OPTIONS"] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
CELERY_BROKER_URL = "memory://"
PERMABOTS = {
    "WEBHOOK_DOMAIN": os.environ.get("HOST_WEBHOOK_DOMAIN", "http://127.0.0.1"),
    "TELEGRAM_API_URL": os.environ.get("HOST_TELEGRAM", "http://127.0.0.1"),
}

# What this project has of its own

"""
URLS = """from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("processing/", include("permabots.urls_processing", namespace="permabots")),
    path("api/v1/", include("permabots.urls_api", namespace="api")),
    path("", include("permabots.urls_health", namespace="health")),
    path("", include("permabots.urls_metrics", namespace="metrics")),
    path("admin/", admin.site.urls),
]
"""
CELERY = """import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "host.settings")

app = Celery("host")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf["CELERY_DB_REUSE_MAX"] = 100_000
app.autodiscover_tasks()
"""
PACKAGE = """from host.celery import app as celery_app

__all__ = ["celery_app"]
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """A program that has ended.

    Args:
        status: what it returned; 0 where all went well.
        output: what it printed, errors too.
    """

    status: int
    output: str


class Project:
    """A host project in a folder of its own.

    Args:
        folder: an empty one.
        settings: lines at the end of its settings.
        urls: its URLs; "" for those of docs/installation.rst.
        files: more files of it, by their paths in the project.
    """

    def __init__(
        self, folder: Path, settings: str = "", urls: str = "", files: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder
        call_command("startproject", "host", str(folder))
        written = {
            "host/urls.py": urls or URLS,
            "host/celery.py": CELERY,
            "host/__init__.py": PACKAGE,
            **(files or {}),
        }
        for name, text in written.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.add_settings("import os\n" + SETTINGS + settings + "\n")

    def add_settings(self, lines: str) -> None:
        """Add lines to the end of the settings."""
        with (self.folder / "host/settings.py").open("a") as file:
            file.write(lines)

    def manage(self, *words: str) -> Ran:
        """Run ``manage.py`` to its end."""
        return self.run([sys.executable, "manage.py", *words])

    def run(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> Ran:
        """Run a program in the project's folder to its end, with more in its environment."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment(), **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return Ran(done.returncode, done.stdout)

    def environment(self) -> dict[str, str]:
        """Return the environment of the project's programs: nothing in it is set by the tests of permabots itself."""
        others = ("PERMABOTS_", "DJANGO_", "COVERAGE_", "PYTHONDONTWRITEBYTECODE")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
        return {**kept, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "host.settings"}
