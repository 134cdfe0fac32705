"""What ``make demo SERVE=1`` says at its end: where everything is, and how to go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from rest_framework.authtoken.models import Token

from demo.site import Site
from demo.talkers import AtStandIn
from permabots.models import Bot
from permabots.testing import StandInServer


@dataclass(frozen=True)
class Signpost:
    """The places of a running demo.

    Args:
        site: its web server and worker.
        bot: the ordering bot.
        password: of the user ``admin``.
        outside: the stand-ins, by what people call them.
        talkers: Ann on each messenger that has a stand-in.
    """

    site: Site
    bot: Bot
    password: str
    outside: Mapping[str, StandInServer]
    talkers: Sequence[AtStandIn]

    @property
    def entrance(self) -> str:
        """The page to begin with."""
        return self.chat or self._page("bot_change")

    @property
    def chat(self) -> str:
        """The page of the web chat, "" where its author has taken it away."""
        row = self.bot.integration("web")
        return "" if row is None else row.share()["Address"]

    def lines(self) -> Iterator[str]:
        """Yield what is said."""
        if self.chat:
            yield "Talk to the bot on its own page"
            yield self._line("Web chat", self.chat)
        yield f'\nOpen the bot, and log in as "admin" with the password {self.password}'
        yield self._line("The bot", self._page("bot_change"))
        yield self._line("Playground", self._page("bot_playground"))
        yield self._line("Conversations", self._list("conversation"))
        yield self._line("State diagram", self._page("bot_diagram"))
        yield self._line("Tests", self._list("conversationtest"))
        yield "\nThe stand-ins: each page shows what it got, chat by chat, and how to steer it"
        for name, server in self.outside.items():
            yield self._line(name, f"{server.url}/_control/")
        yield "  Ann writes, from a shell:"
        yield from (f"  {talker.command('hello?')}" for talker in self.talkers)
        yield "\nFor programs"
        yield self._line("The API", f"{self.site.url}{reverse('api:bot-list')}")
        token = Token.objects.get(user=self.bot.owner).key
        yield self._line("", f"without a login: -H 'Authorization: Token {token}'")
        yield self._line("Health", f"{self.site.url}{reverse('health:readyz')}")
        yield self._line("Webhooks", f"POST {self.site.url}/processing/... (their addresses are on the bot's page)")
        yield self._line("Logs", f"{self.site.folder}/web.log, {self.site.folder}/worker.log")

    def _page(self, name: str) -> str:
        return self.site.url + reverse(f"admin:permabots_{name}", args=[self.bot.pk])

    def _list(self, table: str) -> str:
        return f"{self.site.url}{reverse(f'admin:permabots_{table}_changelist')}?bot={self.bot.pk}"

    @staticmethod
    def _line(name: str, what: str) -> str:
        return f"  {name:16} {what}"
