"""Pages of other sites that show a web chat: each site is an origin of its own, with a strict policy."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class HostSite:
    """A site that serves one page.

    Args:
        chat: the origin of the chats.
        policy: its Content-Security-Policy; empty for what a page with a chat needs, and nothing else.
    """

    def __init__(self, chat: str, policy: str = "") -> None:
        self.body = ""
        self.asked: list[str] = []
        needed = f"default-src 'none'; script-src {chat}; frame-src {chat}; base-uri 'none'"
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(policy or needed))
        self._thread = threading.Thread(target=self._server.serve_forever)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def shows(self, chat: str, *slugs: str, **data: str) -> None:
        """Put chats on the page, as its author writes it."""
        written = "".join(f' data-{name}="{value}"' for name, value in data.items())
        self.body = "".join(
            f'<script async src="{chat}/chat/launcher.js" data-bot="{slug}"{written}></script>' for slug in slugs
        )

    def _handler(self, policy: str) -> type[BaseHTTPRequestHandler]:
        site = self

        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                body = f"<!doctype html><html lang=en><title>Shop</title><div id=here></div>{site.body}</html>".encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Page

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
