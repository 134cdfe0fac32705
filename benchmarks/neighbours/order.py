"""What the attacker's process is asked to do, and what it tells afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Order:
    """An attack.

    Args:
        attack: its name.
        port: of the web server on this machine.
        token: of the attacker, for the API.
        bot: the id of the attacker's bot.
        telegram: the path of its webhook for Telegram.
        secret: what Telegram proves itself with.
        messenger: the path of its webhook for Messenger.
        app_secret: what Messenger signs with.
        hook: the path of its hook, whose recipients are many.
        seconds: how long the attack goes on.
        seed: a number that no attack before had: ids are made from it.
    """

    attack: str
    port: int
    token: str
    bot: str
    telegram: str
    secret: str
    messenger: str
    app_secret: str
    hook: str
    seconds: float = 0.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an attack.

    Args:
        statuses: how many calls were answered with each HTTP status; 0 for no answer.
        seconds: that the attack took.
        cpu: seconds of the processor that the attacker's own process took.
    """

    statuses: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def calls(self) -> int:
        """All calls."""
        return sum(self.statuses.values())

    @property
    def refused(self) -> int:
        """The calls that were answered with 400, 413 or 429."""
        return sum(self.statuses.get(status, 0) for status in ("400", "413", "429"))
