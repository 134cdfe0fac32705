"""``manage.py permabots_hook rotate [bot…]``."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from permabots import origin
from permabots.management.bots import add_bots, unknown_bots_refused
from permabots.models import Hook
from permabots.origin import Origin, Source
from permabots.pipeline.authoring import hook_keys
from permabots.pipeline.authoring.integrations import find_bots


class Command(BaseCommand):
    """Gives notification hooks new keys, and prints them. The ones before are taken too, for a time of grace."""

    help = "Give new keys to the hooks of the named bots (ids or names), to one hook, or to all hooks there are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["rotate"])
        add_bots(parser, "a bot's id or name")
        parser.add_argument("--hook", metavar="KEY", help="only the hook with this key")
        parser.add_argument("--all", action="store_true", help="the hooks of all bots")
        grace = f"seconds for which the key before is taken too: {hook_keys.GRACE} by default, 0 to end it now"
        parser.add_argument("--grace", type=int, default=hook_keys.GRACE, metavar="SECONDS", help=grace)

    def handle(self, *args: Any, grace: int, **options: Any) -> None:
        """Rotate the keys of the chosen hooks; one that cannot be rotated does not stop the others.

        Raises:
            CommandError: nothing was chosen, a number cannot be used, or some hooks keep their keys.
        """
        if not 0 <= grace <= hook_keys.MAX_GRACE:
            raise CommandError(f"The time of grace is from 0 to {hook_keys.MAX_GRACE} seconds.")
        hooks = _chosen(**options)
        with origin.acting(lambda: Origin(Source.COMMAND, credential="permabots_hook")):
            failed = [hook for hook in hooks if not self._rotate(hook, grace)]
        if failed:
            raise CommandError(f"{len(failed)} of {len(hooks)} hooks keep their keys.")

    def _rotate(self, hook: Hook, grace: int) -> bool:
        before = hook.key
        try:
            hook_keys.rotate(hook, grace)
        except ValidationError as error:
            self.stderr.write(self.style.ERROR(f"{hook.bot.name}, {hook.name}: {' '.join(error.messages)}"))
            return False
        until = hook.previous_key_expires_at
        ends = "taken no more" if until is None else f"taken until {until:%Y-%m-%d %H:%M:%S %Z}"
        self.stdout.write(f"{hook.bot.name}, {hook.name}: {hook.key}; {before} is {ends}")
        return True


def _chosen(*, bots: list[str], hook: str | None, all: bool, **_: Any) -> list[Hook]:
    """Return the hooks that the options name.

    Raises:
        CommandError: they name none: to change the addresses of everybody's hooks is never meant by leaving out a name.
    """
    if not (bots or hook or all):
        raise CommandError("Name bots, or one hook by --hook, or give --all.")
    with unknown_bots_refused():
        chosen = [bot.pk for bot in find_bots(bots)]
    rows = Hook.objects.filter(bot__in=chosen).select_related("bot")
    found: list[Hook] = list(rows.with_key(hook) if hook else rows)
    if not found:
        raise CommandError(f"None of these bots has a hook{f' with the key {hook}' if hook else ''}.")
    return found
