"""One installation under attack: web server, workers, stand-ins, and an author who has an API token and a bot."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Self

import requests
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.models import Permission
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from rest_framework.authtoken.models import Token

from demo.site import Running, Site
from permabots.testing import MessengerServer, TelegramServer, UserApiServer
from permabots.testing.http11 import Reply, Request
from tests.attacks.hanging import PATIENCE, Hung
from tests.attacks.verdict import PROCESS_SECRET, Canaries

APP_SECRET = "the-attackers-app"
"""What Messenger signs the calls for the author's page with."""
_CSRF = "c" * 32


class AnyApi(UserApiServer):
    """An author's API that answers every request alike, and keeps what came."""

    answer = b"{}"

    def respond(self, request: Request) -> Reply:
        self.requests.append(request)
        return Reply(200, self.answer, {"Content-Type": "application/json"})


@dataclass
class House:
    """The installation.

    Args:
        folder: for files and logs.
        servers: the addresses of database, broker and cache, as variables.
    """

    folder: Path
    servers: Mapping[str, str]
    telegram: TelegramServer = field(default_factory=TelegramServer)
    messenger: MessengerServer = field(default_factory=MessengerServer)
    api: AnyApi = field(default_factory=AnyApi)
    elsewhere: AnyApi = field(default_factory=AnyApi)
    """A host that no template of the table has any business with."""
    chats: Any = field(default_factory=lambda: count(1000))
    saved: list[str] = field(default_factory=list)
    """What an entry has left in the author's bot."""

    def __enter__(self) -> Self:
        for server in self._stand_ins():
            server.start()
        self.canaries = Canaries((secrets.token_hex(8), secrets.token_hex(8)), self.folder / "marker")
        self.site = Site(self.folder, self._environment())
        return self

    def __exit__(self, *_: object) -> None:
        self.site.kill()
        for server in self._stand_ins():
            server.stop()

    def _stand_ins(self) -> tuple[Any, ...]:
        return self.telegram, self.messenger, self.api, self.elsewhere

    def _environment(self) -> dict[str, str]:
        return {
            **self.servers,
            PROCESS_SECRET: self.canaries.secrets[0],
            "PERMABOTS_TELEGRAM_API_URL": self.telegram.url,
            "PERMABOTS_MESSENGER_API_URL": self.messenger.url,
            "PERMABOTS_TELEGRAM_RATE": "0",
            "PERMABOTS_TELEGRAM_CHAT_RATE": "0",
            "PERMABOTS_REQUEST_ALLOWED_HOSTS": "127.0.0.1",
            "PERMABOTS_RETRY_BASE": "0.1",
            "PERMABOTS_API_THROTTLES": "null",
            "PERMABOTS_WEBHOOK_RATE": "0",
        }

    def words(self) -> dict[str, str]:
        """Return what the words in capitals of an entry stand for."""
        host, elsewhere = (server.url.removeprefix("http://") for server in (self.api, self.elsewhere))
        return {"API": self.api.url, "HOST": host, "ELSEWHERE": elsewhere, "MARKER": str(self.canaries.marker)}

    def open(self) -> None:
        """Start the web server; make the author, who gets a bot, and a tenant beside, who has a secret."""
        self.web = self.site.start_web()
        self._token = _token("author")
        neighbour = self._as("neighbour")
        bot = neighbour.post("bots/", {"name": "neighbour"}).json()
        self.neighbours = f"bots/{bot['id']}/"
        neighbour.post(f"bots/{bot['id']}/env/", {"key": "key", "value": self.canaries.secrets[1], "secret": True})
        self.author = self._as("author")
        self.stranger = Caller(self.site.url, "")
        self.staff = Caller(self.site.url, "")
        self.staff.http.cookies.update({"sessionid": _session("author"), "csrftoken": _CSRF})
        self.staff.http.headers["X-CSRFToken"] = _CSRF
        self.renew_bot()

    def renew_bot(self) -> None:
        """Give the author a new bot on Telegram: nothing of what was before is left to be tried again."""
        self.saved.clear()
        for old in self.author.get("bots/").json():
            self.author.delete(f"bots/{old['id']}/")
        self.bot = f"bots/{self.author.post('bots/', {'name': 'attacked'}).json()['id']}/"
        self.telegram_token = f"{next(self.chats)}:attacked"
        self.author.post(f"{self.bot}telegram/", {"token": self.telegram_token}, status=201)
        page = {"token": f"{next(self.chats)}-attacked", "app_secret": APP_SECRET}
        self.page = self.author.post(f"{self.bot}messenger/", page, status=201).json()["id"]

    def replace_web(self) -> None:
        """Kill the web server and start another one."""
        self._kill(self.web)
        self.web = self.site.start_web()

    def start_worker(self, pool: str) -> Running:
        """Start a worker with one child or thread."""
        return self.site.start_worker(pool, pool=pool)

    def _kill(self, running: Running) -> None:
        running.kill()
        self.site.running.remove(running)

    def kill_worker(self, worker: Running) -> None:
        """End a worker, and give the author another bot, so that nobody goes on where it was."""
        self._kill(worker)
        self.renew_bot()

    def _as(self, name: str) -> Caller:
        return Caller(self.site.url, _token(name))


@dataclass
class Caller:
    """Somebody with an API token.

    Args:
        url: of the web server.
        token: theirs.
    """

    url: str
    token: str
    http: requests.Session = field(default_factory=requests.Session)

    def post(
        self, path: str, body: Any, status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        """Post JSON, under the API unless the path begins with a slash; bytes are posted as they are."""
        if isinstance(body, bytes):
            return self.call("POST", path, body, headers)
        answer = self._call("POST", path, json=body)
        assert status in (None, answer.status_code), answer.text
        return answer

    def call(self, method: str, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> requests.Response:
        """Make any call, with a body that says it is JSON."""
        return self._call(method, path, data=body, headers={"Content-Type": "application/json", **(headers or {})})

    def get(self, path: str) -> requests.Response:
        return self._call("GET", path)

    def delete(self, path: str) -> requests.Response:
        return self._call("DELETE", path)

    def _call(self, method: str, path: str, **body: Any) -> requests.Response:
        """Call the API.

        Raises:
            Hung: it does not answer.
        """
        url = self.url + (path if path.startswith("/") else f"/api/v1/{path}")
        headers = {"Authorization": f"Token {self.token}"} if self.token else {}
        headers |= body.pop("headers", {})
        try:
            return self.http.request(method, url, headers=headers, timeout=PATIENCE, **body)
        except requests.Timeout as error:
            raise Hung from error


def _token(name: str) -> str:
    user, _ = get_user_model().objects.get_or_create(username=name)
    token, _ = Token.objects.get_or_create(user=user)
    connection.close()
    return str(token.key)


def _session(name: str) -> str:
    """Have somebody use the admin; returns the key of their session."""
    user = get_user_model().objects.get(username=name)
    user.is_staff = True
    user.save()
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="permabots"))
    session = SessionStore()
    login = {SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend"}
    session.update({**login, HASH_SESSION_KEY: user.get_session_auth_hash()})
    session.create()
    connection.close()
    return str(session.session_key)
