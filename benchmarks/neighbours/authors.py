"""Two authors of one installation, what each has, and the servers they use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import count

import psycopg

from benchmarks.handlers import copy_rows
from benchmarks.installation import BotAddress, Installation
from benchmarks.neighbours.attacks import PAGE
from benchmarks.neighbours.order import Order
from permabots.testing import running
from permabots.testing.messenger import MessengerControl
from permabots.testing.user_api import UserApiControl

RECIPIENTS = 1_500
TESTS = 5
STEPS = 10
ATTACKER = "attacker"
APP_SECRET = "the-attackers-app"  # noqa: S105 - invented
SLOW = 30.0
"""Seconds that the attacker's API takes."""
COSTLY = "{% for a in range(700) %}{% for b in range(700) %}{{ '' if a == b }}{% endfor %}{% endfor %}done"
"""A template that stays within its limits, just."""


@dataclass(frozen=True, slots=True)
class Apis:
    """Servers of others.

    Args:
        messenger: where Messenger's API is.
        slow: the address of the attacker's API, which takes 30 s.
    """

    messenger: str
    slow: str


@contextmanager
def author_apis() -> Iterator[Apis]:
    """Start them, each as a process of its own."""
    with ExitStack() as stack:
        messenger = stack.enter_context(running("permabots.testing.messenger", "--anybody"))
        MessengerControl(messenger).register_page("attackers-page", page_id=PAGE, app_secret=APP_SECRET)
        api = UserApiControl(stack.enter_context(running("permabots.testing.user_api")))
        api.add_route("/u/slow", {}, delay=SLOW)
        yield Apis(messenger, f"{api.base}/slow")


@dataclass
class Authors:
    """The two.

    Args:
        site: the installation, whose owner is measured.
        apis: the servers of others.
        port: where both call: the web server's, or that of a proxy in front of it.
    """

    site: Installation
    apis: Apis
    victim: BotAddress = field(init=False)
    attacker: Order = field(init=False)
    port: int = 0
    seeds: Iterator[int] = field(default_factory=lambda: count(1))

    def settle(self) -> None:
        """Make their bots over the API; the web server and a worker must run."""
        self.victim = self.site.make_bot()
        made = f"from django.contrib.auth import get_user_model as u; u().objects.create_user('{ATTACKER}')"
        self.site.site.manage("shell", "-c", made)
        key = self.site.site.manage("drf_create_token", ATTACKER).split()[2]
        other = replace(self.site, key=key)
        bot = other.make_bot()
        where = f"bots/{bot.id}/"
        slow = {
            "name": "slow",
            "pattern": "^slow$",
            "response": {"text_template": "slow"},
            "request": {"url_template": self.apis.slow},
        }
        other.ask("POST", f"{where}handlers/", slow)
        other.ask(
            "POST", f"{where}handlers/", {"name": "costly", "pattern": "^cost$", "response": {"text_template": COSTLY}}
        )
        page = other.ask("POST", f"{where}messenger/", {"token": "attackers-page", "app_secret": APP_SECRET})
        for number in range(TESTS):
            step = {"said": "cost", "messages": [{"text": "done"}], "state": None}
            other.ask(
                "POST",
                f"{where}tests/",
                {"name": f"t{number}", "provider": "telegram", "state": None, "steps": [step] * STEPS},
            )
        hook = self._hook(other, where)
        self.attacker = Order(
            "",
            self.site.site.port,
            key,
            bot.id,
            bot.path,
            bot.secret,
            f"/processing/messengerbot/{page['id']}/",
            APP_SECRET,
            hook,
        )

    def _hook(self, other: Installation, where: str) -> str:
        """Make a hook with many recipients: the first over the API, the others as its copies; returns its path."""
        hook = other.ask("POST", f"{where}hooks/", {"name": "all", "response": {"text_template": "{{ data.n }}"}})
        recipients = f"{where}hooks/{hook['id']}/recipients/telegram/"
        other.ask("POST", recipients, {"chat_id": "900000000", "name": "someone"})
        changes: Mapping[str, str] = {"id": "gen_random_uuid()", "chat_id": "(900000000 + n)::text"}
        with psycopg.connect(self.site.database_url) as connection:
            copy_rows(connection, "permabots_recipient", f"t.hook_id = '{hook['id']}'", RECIPIENTS - 1, changes)
        return f"/processing/hook/{hook['key']}/"

    def order(self, attack: str, seconds: float) -> Order:
        """Return an order to the attacker."""
        return replace(self.attacker, attack=attack, seconds=seconds, seed=next(self.seeds), port=self.port)

    @property
    def url(self) -> str:
        """Where both call."""
        return f"http://127.0.0.1:{self.port}"

    def forget(self) -> None:
        """Throw away what an attack has left: messages, notifications, costly handlers."""
        with psycopg.connect(self.site.database_url) as connection:
            connection.execute("DELETE FROM permabots_handler WHERE name = 'costly' AND pattern LIKE '(?i)x%'")
            connection.execute("DELETE FROM permabots_environmentvar WHERE key ~ '^k[0-9]+x[0-9]+$'")
            connection.execute(
                "TRUNCATE permabots_inboundmessage, permabots_outboundmessage, permabots_notification CASCADE"
            )
            connection.execute("UPDATE permabots_conversation SET lease_token = NULL, lease_expires_at = NULL")
        self.site.servers.telegram.clear_journal()
