"""Calls of the REST API, of hooks and of the admin: odd bodies, floods, other authors' rows."""

from __future__ import annotations

from collections import Counter

from tests.attacks.entries import NUMBER, Entry
from tests.attacks.house import House
from tests.attacks.measuring import Watch
from tests.attacks.verdict import Seen

KINDS = ("api", "hook", "admin")


class Calls:
    """The room of calls: only the web server deals with them."""

    def in_web(self, house: House, entry: Entry, watch: Watch) -> Seen:
        """Make a call, or so many as ``message`` says: ``source`` is its method and path, ``data`` its body."""
        caller = house.staff if entry.kind == "admin" else house.author
        statuses, told = Counter[int](), set[str]()
        for number in range(int(entry.message)):
            source = entry.source.replace("@BOT@", house.bot).replace("@NEIGHBOUR@", house.neighbours)
            method, path = source.replace(NUMBER, str(number)).split(" ", 1)
            body = entry.data.replace(NUMBER, str(number)).encode("utf-8", "surrogatepass")
            with watch.step():
                answer = caller.call(method, path, body)
            statuses[answer.status_code] += 1
            told.add(answer.text)
        words = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
        unforeseen = any(status >= 500 and status != 503 for status in statuses)
        if entry.kind == "admin":  # its pages are full of names that are no finding: only secrets are looked for
            told = {secret for secret in house.canaries.secrets for text in told if secret in text}
        return Seen(f"HTTP {words}", told=tuple(told), unforeseen=unforeseen)

    def in_worker(self, house: House, entry: Entry, watch: Watch) -> Seen | None:
        return None

    def tidy(self, house: House, entry: Entry) -> None:
        house.renew_bot()
