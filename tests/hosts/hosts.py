"""The projects, each with the smallest change that makes it what it is."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

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
        "a messenger's package added later",
        steps=("migrate", "author", "build"),
        later=ANOTHER_PROVIDER,
        later_steps=("migrate",),
    ),
)
