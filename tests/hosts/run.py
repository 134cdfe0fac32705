"""Letting a bot live in a host project: ``python -m tests.hosts.run STEP …`` in the project's folder."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import django
from celery.worker import WorkController
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.utils.module_loading import import_string

from permabots.testing import TelegramServer
from tests.hosts.life import USUAL, WORKER_LOG, Life

WORKER_SECONDS = 60.0
"""How long a worker may take to start on a busy machine."""
NONE = "none"
"""A pool that is no worker."""


@contextmanager
def serving(server: Any) -> Iterator[None]:
    """Answer requests by the project's own WSGI application."""
    application = import_string("host.wsgi.application")
    server.set_app(mounted(application, prefix) if (prefix := os.environ.get("HOST_PREFIX", "")) else application)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()


@contextmanager
def working(pool: str) -> Iterator[None]:
    """Work with the project's Celery application: in this process, where the broker may be in memory, or in another."""
    if pool == NONE:
        yield
        return
    if not pool:
        work = WorkController(
            app=import_string("host.celery_app"), pool_cls="solo", hostname="host", loglevel="WARNING"
        )
        threading.Thread(target=work.start, daemon=True).start()
        # Celery's own program tells when its worker is ready, and then the sweeps begin; a worker alone does not.
        import_string("permabots.tasks.sweep").delay()
        yield
        return
    command = [sys.executable, "-m", "celery", "-A", "host", "worker", "-P", pool, "-c", "4", "-l", "INFO"]
    with WORKER_LOG.open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            wait_until_ready(process)
            yield
        finally:
            process.terminate()
            process.wait(30)


def wait_until_ready(process: subprocess.Popen[bytes]) -> None:
    """Wait until a worker takes tasks: what it takes to start one is no part of how long an answer may take."""
    end = time.monotonic() + WORKER_SECONDS
    while " ready." not in (said := WORKER_LOG.read_text()):
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"the worker does not get ready:\n{said}")
        time.sleep(0.1)


def mounted(application: Any, prefix: str) -> Any:
    """Return the application as a web server mounts it below a path."""

    def call(environ: dict[str, Any], start_response: Any) -> Any:
        if not environ["PATH_INFO"].startswith(prefix):
            start_response("404 Not Found", [])
            return []
        return application(
            {**environ, "SCRIPT_NAME": prefix, "PATH_INFO": environ["PATH_INFO"].removeprefix(prefix)}, start_response
        )

    return call


class Quiet(WSGIRequestHandler):
    """Prints no line for each request."""

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


def main(steps: list[str]) -> None:
    """Live: the steps before ``build`` with nothing running, the others beside a web server and a worker."""
    with ExitStack() as stack:
        telegram = stack.enter_context(TelegramServer())
        server = stack.enter_context(ThreadedWSGIServer(("127.0.0.1", 0), Quiet))
        site = f"http://127.0.0.1:{server.server_port}" + os.environ.get("HOST_PREFIX", "")
        os.environ.update(HOST_TELEGRAM=telegram.url, HOST_WEBHOOK_DOMAIN=site)
        django.setup()
        life = Life(telegram, site)
        for step in steps:
            if step == "build":
                stack.enter_context(serving(server))
                stack.enter_context(working(os.environ.get("HOST_POOL", "")))
            began = time.monotonic()
            getattr(life, step)()
            print(f"{step}: {time.monotonic() - began:.1f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or list(USUAL))
    sys.stdout.flush()
    os._exit(0)  # the worker's threads look up once in a while only
