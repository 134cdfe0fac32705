"""What the figures were measured on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psutil
import psycopg

from benchmarks.installation import Tree
from tests.servers.redis import find_redis

PACKAGES = ("Django", "celery", "psycopg", "requests", "gunicorn")


def about(trees: Sequence[Tree], postgres_url: str) -> dict[str, str]:
    """Return the machine, the versions and the commits, by name."""
    with psycopg.connect(postgres_url) as connection:
        postgres = f"{connection.info.server_version // 10000}.{connection.info.server_version % 10000}"
    versions = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
    redis = _printed(str(find_redis()), "--version").split()
    version = next((word[2:] for word in redis if word.startswith("v=")), "?")
    return {
        "CPU": f"{os.cpu_count()} cores, {_cpu_model()}",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "versions": ", ".join([f"Python {platform.python_version()}", *versions]),
        "servers": f"PostgreSQL {postgres} (fsync off), Redis {version}",
        **{f"commit of {tree.name}": _commit(tree.path) for tree in trees},
    }


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _commit(path: Path) -> str:
    changed = " and changes" if _printed("git", "-C", str(path), "status", "--porcelain", "-uno") else ""
    return f"{_printed('git', '-C', str(path), 'rev-parse', '--short', 'HEAD')}{changed}"


def _printed(*command: str) -> str:
    """Return what a program prints, "?" where it fails: figures are worth something without it."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own commands
    return done.stdout.strip() if done.returncode == 0 else "?"
