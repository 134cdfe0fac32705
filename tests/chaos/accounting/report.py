"""The account, printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from permabots.values import Json
from tests.chaos.accounting.account import Account
from tests.chaos.accounting.evidence import Copy, Evidence, Key

SHOWN = 10
"""How many examples of a broken promise are printed."""

NEAR = 5.0
"""Seconds around a copy that was doubled for which its sender's calls are shown."""

BROKEN = {
    "lost": "lost",
    "disordered": "out of order",
    "wrong": "wrong answers",
    "strayed": "wrong final states",
    "invented": "answers to nothing",
    "endless": "begun without end",
    "misshown": "shown otherwise than said and stored",
}


def summary(account: Account, evidence: Evidence) -> dict[str, Json]:
    """Return the account in numbers, as JSON."""
    causes = Counter(double.cause or "none" for double in account.doubles)
    return {
        "said": account.said,
        "answered": account.answered,
        "parked": len(account.parked),
        **{name: len(getattr(account, name)) for name in BROKEN},
        "late": len(account.late),
        "doubles": len(account.doubles),
        "doubles_by_cause": dict(causes.most_common()),
        "unexplained_doubles": len(account.unexplained),
        "impatient": account.impatient,
        "hurried": account.hurried,
        "turns_begun_again": sum(turn.attempts > 1 for turn in evidence.turns.values()),
        "sends_claimed_again": sum(send.attempts > 1 for send in evidence.sends.values()),
        "troubles": dict(Counter(trouble.kind for trouble in evidence.troubles).most_common()),
        "points": dict(Counter(trouble.point for trouble in evidence.troubles if trouble.point).most_common()),
        "latency_p50": round(account.percentile(0.5), 3),
        "latency_p95": round(account.percentile(0.95), 3),
        "holds": account.holds,
        "news": None if account.news is None else _of_part(account.news),
        "web": None if account.web is None else _of_part(account.web),
    }


def _of_part(account: Account) -> dict[str, Json]:
    """Return the account of what a hook told, once for each person and post, or that of web chats, in numbers."""
    return {
        "said": account.said,
        "answered": account.answered,
        "parked": len(account.parked),
        **{name: len(getattr(account, name)) for name in BROKEN},
        "doubles": len(account.doubles),
        "unexplained_doubles": len(account.unexplained),
    }


def lines(account: Account, evidence: Evidence) -> Iterable[str]:
    """Return the account as lines of text: a table, and examples of what was broken."""
    numbers = summary(account, evidence)
    for kind, count in _group(numbers["troubles"]):
        yield row(kind, count)
    for point, count in _group(numbers["points"]):
        yield row(f"  {point}", count)
    yield ""
    yield row("messages said", account.said)
    yield row("answered", account.answered)
    yield row("parked, to be retried", len(account.parked))
    yield row("turns begun more than once", numbers["turns_begun_again"])
    yield row("calls claimed more than once", numbers["sends_claimed_again"])
    yield row("sent twice", len(account.doubles))
    for cause, count in _group(numbers["doubles_by_cause"]):
        yield row(f"  after: {cause}", count)
    yield row("answered late because they came late", len(account.late))
    if account.hurried:
        yield row("sent early because the clock was set ahead", account.hurried)
    yield row("latency p50 / p95, seconds", f"{numbers['latency_p50']:.2f} / {numbers['latency_p95']:.2f}")
    yield ""
    for name, title in BROKEN.items():
        yield row(title, len(getattr(account, name)))
    yield row("sent twice without a cause", len(account.unexplained))
    yield row("sent before retry_after was over", account.impatient)
    yield from _examples(account, evidence)
    if account.news is not None and evidence.news is not None:
        yield from _news_lines(account.news, evidence.news)
    if account.web is not None and evidence.web is not None:
        yield from _web_lines(account.web, evidence.web)
    yield "\nEvery promise was kept." if account.holds else "\nA PROMISE WAS BROKEN."


def _news_lines(account: Account, evidence: Evidence) -> Iterable[str]:
    yield ""
    yield row("posts to a hook, once for each who is told", account.said)
    yield row("told", account.answered)
    yield row("parked, to be retried", len(account.parked))
    yield row("told twice", len(account.doubles))
    for cause, count in Counter(double.cause or "none" for double in account.doubles).most_common():
        yield row(f"  after: {cause}", count)
    yield row("lost, out of order, of nothing, or without end", _broken(account))
    yield row("told twice without a cause", len(account.unexplained))
    yield from _examples(account, evidence)


def _web_lines(account: Account, evidence: Evidence) -> Iterable[str]:
    again = sum(send.attempts > 1 for send in evidence.sends.values())
    yield ""
    yield row("messages said in web chats", account.said)
    yield row("answered", account.answered)
    yield row("parked, to be retried", len(account.parked))
    yield row("calls claimed more than once", again)
    yield row("latency p50 / p95, seconds", f"{account.percentile(0.5):.2f} / {account.percentile(0.95):.2f}")
    for name, title in BROKEN.items():
        yield row(title, len(getattr(account, name)))
    yield row("sent twice", len(account.doubles))
    yield from _examples(account, evidence)


def _broken(account: Account) -> int:
    return sum(len(getattr(account, name)) for name in BROKEN)


def _group(counts: Any) -> Iterable[tuple[str, int]]:
    return dict(counts).items()


def row(title: str, value: object) -> str:
    """Return one line of a table."""
    return f"{title:<52}{value!s:>14}"


def _examples(account: Account, evidence: Evidence) -> Iterable[str]:
    for name, title in BROKEN.items():
        for item in getattr(account, name)[:SHOWN]:
            yield f"  {title}: {item} {_known(evidence, item) if isinstance(item, tuple) else ''}"
    for double in account.unexplained[:SHOWN]:
        first, second = double.first, double.second
        yield (
            f"  twice: {first.key} by {first.pid} and {second.at - first.at:.2f} s later by {second.pid}, "
            f"{double.attempts} attempts"
        )
        yield from (f"    {what}" for what in _history(evidence, first, second))


def _known(evidence: Evidence, key: Key) -> str:
    copies = [copy.text for copy in evidence.copies if copy.key == key]
    return f"{evidence.turns.get(key, 'not stored')}, {evidence.sends.get(key, 'no answer')}, at the provider {copies}"


def _history(evidence: Evidence, first: Copy, second: Copy) -> Iterable[str]:
    """Return what happened to the sender of a copy that was doubled, in seconds from that copy on."""
    for trouble in evidence.troubles:
        if first.pid in trouble.pids or (not trouble.pids and first.at < trouble.ended and trouble.began < second.at):
            began, ended = trouble.began - first.at, trouble.ended - first.at
            yield f"{began:+.2f} to {ended:+.2f} s: {trouble.kind} {trouble.point}"
    calls = [call - first.at for call in evidence.calls.get(first.pid, ())]
    yield "its calls: " + ", ".join(f"{call:+.2f} s" for call in calls if abs(call) < NEAR)
