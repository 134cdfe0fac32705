"""What happens in a host project, step by step; `tests.hosts.run` runs it there.

Each step goes the way a user goes: a command, a call over HTTP, a message at a stand-in Telegram. A step that does not
come out as it should ends the program with what was wrong.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from tests.chaos.accounting.__main__ import main as account_of_rows

WORKER_LOG = Path("worker.log")
TOKEN = "4242:token"
PERSON = 7
AUTHOR = "author@example.com"
PASSWORD = "a long password of a host's"


class Life:
    """A bot's life in a host project.

    Args:
        telegram: the stand-in.
        site: where the project answers.
    """

    def __init__(self, telegram: Any, site: str) -> None:
        self.telegram = telegram
        self.site = site
        self.http = requests.Session()
        self.headers: dict[str, str] = {}
        self.bot = ""

    # Steps

    def migrate(self) -> None:
        """Make the tables, with all checks that come with it, and run all checks of permabots."""
        database = os.environ.get("HOST_DATABASE", "default")
        call_command("migrate", verbosity=0, skip_checks=False, database=database)
        call_command("check", tags=["permabots"], databases=[database], fail_level="WARNING")

    def user(self) -> None:
        """Make the migrations of the project's own users."""
        call_command("makemigrations", "people", verbosity=0)

    def refused(self) -> None:
        """Find that the project is refused, by the check that ``HOST_REFUSED`` names, before a table is made."""
        try:
            call_command("migrate", verbosity=0, skip_checks=False)
        except SystemCheckError as error:
            assert os.environ["HOST_REFUSED"] in str(error), error
        else:
            raise AssertionError("migrate was not refused")

    def warned(self) -> None:
        """Find that ``check`` names what is wrong, by the check that ``HOST_REFUSED`` names."""
        try:
            call_command("check", fail_level="WARNING")
        except SystemCheckError as error:
            assert os.environ["HOST_REFUSED"] in str(error), error
        else:
            raise AssertionError("check had nothing to say")

    def author(self) -> None:
        """Make somebody who may use the API and the admin."""
        from django.contrib.auth import get_user_model  # noqa: PLC0415 - only once Django is set up
        from rest_framework.authtoken.models import Token  # noqa: PLC0415

        users = get_user_model()
        names = dict.fromkeys(users.REQUIRED_FIELDS, "a@example.com")
        user = users.objects.create_superuser(**{users.USERNAME_FIELD: AUTHOR, "password": PASSWORD, **names})
        self.headers = {"Authorization": f"Token {Token.objects.create(user=user).key}"}

    def build(self) -> None:
        """Make a bot with a handler and connect it to Telegram, by the API."""
        self.bot = self.post("api/v1/bots/", {"name": "host"})["id"]
        greeting = {"text_template": "hello {{ pattern.name }}", "keyboard_template": "[['yes', 'no']]"}
        handler = {"name": "greet", "pattern": "^i am (?P<name>.+)$", "response": greeting, "enabled": True}
        self.post(f"api/v1/bots/{self.bot}/handlers/", {**handler, "target_state": {"name": "greeted"}})
        account = self.post(f"api/v1/bots/{self.bot}/telegram/", {"token": TOKEN, "enabled": True})
        assert account["token"] == "••••", account

    def talk(self) -> None:
        """Have a person say something and read the answer."""
        before = len(self.telegram.messages(PERSON))
        self.telegram.send_text(TOKEN, PERSON, "i am Ann")
        answers = self.telegram.wait_for_messages(PERSON, before + 1, 10)[before:]
        assert [answer["text"] for answer in answers] == ["hello Ann"], answers
        states = self.get(f"api/v1/bots/{self.bot}/chatstates/telegram/")
        assert [state["state"]["name"] for state in states] == ["greeted"], states
        messages = self.get(f"api/v1/bots/{self.bot}/messages/")["results"]
        assert {message["status"] for message in messages} == {"done"}, messages

    def store(self) -> None:
        """Have a person say something that is stored and, with no worker to be woken, not answered."""
        self.telegram.send_text(TOKEN, PERSON, "i am Ann")
        self.telegram.wait_for_deliveries(1)
        self.telegram.wait_idle()
        messages = self.get(f"api/v1/bots/{self.bot}/messages/")["results"]
        assert [message["status"] for message in messages] == ["pending"], messages
        ready = self.answer("GET", "readyz", 503).json()
        assert ready["checks"]["broker"]["error"] not in {"", "no answer in time"}, ready

    def tell(self) -> None:
        """Have the author's system tell the person something by a hook."""
        before = len(self.telegram.messages(PERSON))
        hook = self.post(
            f"api/v1/bots/{self.bot}/hooks/",
            {"name": "news", "enabled": True, "response": {"text_template": "order {{ data.id }}"}},
        )
        self.post(
            f"api/v1/bots/{self.bot}/hooks/{hook['id']}/recipients/telegram/", {"chat_id": str(PERSON), "name": "Ann"}
        )
        said = self.post(f"processing/hook/{hook['key']}/", {"id": 5}, expected=200)
        assert said["recipients"] == 1, said
        told = self.telegram.wait_for_messages(PERSON, before + 1, 10)[before:]
        assert [message["text"] for message in told] == ["order 5"], told

    def logged(self) -> None:
        """Find the lines of the worker in the form that the project's LOGGING has."""
        lines = [json.loads(line) for line in WORKER_LOG.read_text().splitlines() if line.startswith("{")]
        assert [line for line in lines if "permabots_conversation" in line], WORKER_LOG.read_text()

    def watch(self) -> None:
        """Ask what an orchestrator and Prometheus ask."""
        for path in ("healthz", "readyz", "metrics"):
            self.read(path)

    def command(self) -> None:
        """Set the webhook anew by a command, as after a change of the domain, and have it work."""
        before = self.telegram.webhook(TOKEN)["url"]
        call_command("permabots_webhook", "set")
        assert self.telegram.webhook(TOKEN)["url"] == before
        self.talk()

    def pool(self) -> None:
        """Find that connections are lent for a transaction, and that one which begins with ``options`` is refused."""
        from django.db import OperationalError, connection  # noqa: PLC0415 - only once Django is set up

        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("5s",), "the limits of the role do not hold"
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
            assert cursor.fetchone()[0] <= 3, "more connections than the pool has"
        changed = connection.copy()
        changed.settings_dict["OPTIONS"] = {**changed.settings_dict["OPTIONS"], "options": "-c lock_timeout=5s"}
        try:
            changed.ensure_connection()
        except OperationalError as error:
            assert "options" in str(error), error
        else:
            raise AssertionError("a connection that begins with options was not refused")

    def account(self) -> None:
        """Make the account of the messages, which reads them row by row."""
        assert account_of_rows([]) == 0, "messages are overdue or out of order"

    def look(self) -> None:
        """Log in to the admin and open each kind of page of permabots that a link leads to."""
        begin, home = urlsplit(self.site).path, f"{ADMIN}/"
        source = self.read(f"{home}login/?next={begin}/{home}")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', source)
        assert token is not None, source
        sent = {"username": AUTHOR, "password": PASSWORD, "csrfmiddlewaretoken": token.group(1)}
        url = f"{self.site}/{home}login/?next={begin}/{home}"
        answer = self.http.post(url, sent, headers={"Referer": url}, timeout=30)
        assert answer.status_code == 200, answer.text
        seen: set[str] = set()
        ahead = PAGE.findall(answer.text)
        while ahead:
            path = ahead.pop()
            assert path.startswith(f"{begin}/{home}"), f"{path} is not in this admin site"
            if (kind := ROW.sub("/ROW/", path)) not in seen:
                seen.add(kind)
                ahead += PAGE.findall(self.read(path.removeprefix(begin).lstrip("/")))
        assert len(seen) > 20, sorted(seen)

    # Calls

    def get(self, path: str) -> Any:
        """Call the API; returns what it answers."""
        return self.answer("GET", path, 200, headers=self.headers).json()

    def post(self, path: str, body: Any, expected: int = 201) -> Any:
        """Post to the API or to a hook; returns what it answers."""
        return self.answer("POST", path, expected, json=body, headers=self.headers).json()

    def read(self, path: str) -> str:
        """Open a page."""
        return str(self.answer("GET", path, 200).text)

    def answer(self, method: str, path: str, expected: int, **values: Any) -> requests.Response:
        """Make a call that must be answered with a certain status."""
        answer = self.http.request(method, f"{self.site}/{path}", timeout=30, allow_redirects=False, **values)
        where = f"{method} /{path} answered {answer.status_code} {answer.headers.get('Location', '')}"
        assert answer.status_code == expected, f"{where}: {summary(answer)}"
        return answer


def summary(answer: requests.Response) -> str:
    """Return what an answer says; of Django's page for an error the traceback that is made to be copied."""
    _, marked, traceback = answer.text.partition("<textarea")
    return traceback.partition("</textarea>")[0][-3000:] if marked else answer.text[:2000]


ADMIN = os.environ.get("HOST_ADMIN", "admin")
PAGE = re.compile(r'href="(/[^"?#]*/permabots/\w+/[^"?#]*)"')
ROW = re.compile(r"/([0-9a-f-]{32,36}|\d+)/")


USUAL = ("migrate", "author", "build", "talk", "tell", "watch", "look")
