"""Webhooks: bodies that a provider never sends, batches, floods and forgeries, posted to the web server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from permabots.providers.base.signatures import signed
from tests.attacks.entries import NUMBER, Entry
from tests.attacks.house import APP_SECRET, House
from tests.attacks.measuring import Watch
from tests.attacks.verdict import Seen

KINDS = ("telegram", "messenger", "forged")


class Webhooks:
    """The room of webhooks. A worker sees only what is stored: each pool reads the body by itself."""

    def in_web(self, house: House, entry: Entry, watch: Watch) -> Seen:
        """Post a body, or a flood of them: ``message`` says how many, and ``§`` in the body is the number of each."""
        statuses = Counter[int]()
        for number in range(int(entry.message)):
            body = entry.source.replace(NUMBER, str(number)).encode("utf-8", "surrogatepass")
            path, headers = _address(house, entry.kind, body)
            with watch.step():
                statuses[house.stranger.post(path, body, headers=headers).status_code] += 1
        errors = [status for status in statuses if status >= 500 and status != 503]
        words = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
        return Seen(f"HTTP {words}", unforeseen=bool(errors))

    def in_worker(self, house: House, entry: Entry, watch: Watch) -> Seen | None:
        return None

    def tidy(self, house: House, entry: Entry) -> None:
        house.renew_bot()


def _address(house: House, kind: str, body: bytes) -> tuple[str, Mapping[str, str]]:
    telegram = house.telegram.webhook(house.telegram_token)
    path = telegram["url"].removeprefix(house.site.url)
    if kind == "messenger":
        signature = signed(body, APP_SECRET, "sha256")
        return f"/processing/messengerbot/{house.page}/", {"X-Hub-Signature-256": f"sha256={signature}"}
    secret = telegram["secret"] if kind == "telegram" else "forged"
    return path, {"X-Telegram-Bot-Api-Secret-Token": secret}
