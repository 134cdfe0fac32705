"""nginx in front of the web server, with the configuration that the documentation shows."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.site import ROOT

SHOWN = ROOT / "docs" / "nginx" / "permabots.conf"
MAIN = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log crit;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {shown}
}}
"""


@contextmanager
def in_front_of(port: int, folder: Path) -> Iterator[int]:
    """Start nginx in front of a server, and end it afterwards; yields the port that it listens on.

    Args:
        port: of the web server, on this machine.
        folder: for its files.

    Raises:
        RuntimeError: there is no nginx, or it does not start.
    """
    if (program := shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")) is None:
        raise RuntimeError("there is no nginx: `apt-get install nginx-light`")
    listening = _free_port()
    shown = SHOWN.read_text().replace("listen 80;", f"listen 127.0.0.1:{listening};")
    shown = shown.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, shown=shown))
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    server = subprocess.Popen(command)  # noqa: S603 - our own configuration
    try:
        _wait(server, listening)
        yield listening
    finally:
        server.terminate()
        server.wait(10)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("nginx does not start")
