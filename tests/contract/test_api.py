"""Every recorded call of the REST API and the webhooks, over HTTP against a live server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from permabots.security.masks import masked
from tests.api.conftest import StandIns
from tests.api.conftest import standins as standins
from tests.contract.api_decided import DECIDED, general
from tests.contract.api_decided_webhooks import UNSIGNED_CALLS, WEBHOOKS
from tests.contract.api_recorded import NEW, NEW_FIELDS, Answer, calls, is_page, is_wording, recorded
from tests.contract.api_replay import OLD_API, Replay
from tests.contract.api_rows import ROWS
from tests.pipeline.conftest import telegram as telegram

DIFFERENCES = Path(__file__).parent.parent.parent / "docs" / "differences.rst"
ALL_DECIDED = {**DECIDED, **WEBHOOKS}
UNSIGNED = "MESSENGER_ALLOW_UNSIGNED"


@pytest.mark.timeout(240)
def test_every_call_is_equal_or_decided(
    live_server: Any, standins: StandIns, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """The recorded calls of Messenger are not signed: each is also made without the setting that takes such calls."""
    # Wrong tokens come by the dozen, within a minute.
    old = {UNSIGNED: True, "API_SHOWS_SECRETS": True, "API_THROTTLES": None}
    settings.PERMABOTS = {**settings.PERMABOTS, **old}
    replay = Replay(live_server.url, standins)
    counts: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    unexplained: list[str] = []
    for call in calls():
        verdict, why = judge(replay, call)
        counts[verdict] += 1
        if verdict == "decided":
            rows[why] += 1
        elif verdict == "unexplained":
            unexplained.append(f"{call['n']} {call['name']}: {why}")
        elif call["method"] == "GET" and (masked := with_masks(recorded(call).content)) != recorded(call).content:
            rows["masks"] += 1
            with masks_answered(settings):
                now = replay.call(call)
            if differences := replay.names.differ(masked, now.content):
                unexplained.append(f"{call['n']} {call['name']}, with masks: {differences}")
    assert rows["masks"], "no recorded answer has a secret"
    with capsys.disabled():
        print(f"\ncontract, API: {sum(counts.values())} calls, {dict(sorted(counts.items()))}")
        print(f"decided: {dict(rows.most_common())}")
        print(f"new in answers: {NEW_FIELDS}\nnew besides: {NEW}")
    assert not unexplained, "\n".join(unexplained)


def refused_unsigned(replay: Replay, call: dict[str, Any]) -> Answer:
    """Make a call of Messenger's webhook by the settings' defaults."""
    with override_settings(PERMABOTS={**settings.PERMABOTS, UNSIGNED: False}):
        return replay.call(call)


def judge(replay: Replay, call: dict[str, Any]) -> tuple[str, str]:
    """Make a call and return what its answer is, with the decision or the difference."""
    number, then = call["n"], recorded(call)
    replay.before(number)
    if number in UNSIGNED_CALLS:
        verdict = compare(replay, UNSIGNED_CALLS[number].change(then), refused_unsigned(replay, call))
        if verdict[0] != "equal":
            return verdict
    decision = ALL_DECIDED.get(number) or general(
        call, then, lambda: replay.send("GET", replay.names.fill(call["path"]))
    )
    wanted = decision.change(then) if decision else then
    now = replay.call(call)
    verdict = compare(replay, wanted, now)
    if verdict[0] == "equal" and decision:
        verdict = ("decided", decision.row)
    replay.after(number)
    return verdict


@contextmanager
def masks_answered(settings: Any) -> Iterator[None]:
    """Have the API answer as it does where nothing is set."""
    shown = settings.PERMABOTS
    settings.PERMABOTS = {**shown, "API_SHOWS_SECRETS": False}
    yield
    settings.PERMABOTS = shown


def with_masks(content: Any) -> Any:
    """Return an answer with the credentials in it masked."""
    if isinstance(content, list):
        return [with_masks(item) for item in content]
    if not isinstance(content, dict):
        return content
    names = {"token", "api_key"} if "enabled" in content else set()
    return {name: masked(item) if name in names else with_masks(item) for name, item in content.items()}


def compare(replay: Replay, wanted: Answer, now: Answer) -> tuple[str, str]:
    if is_page(wanted.content) and wanted.status == 404:
        # The project's own answer: Django's page, or the redirect to the same URL with a slash.
        return ("wording or wire", "") if now.status in {301, 404} else ("unexplained", f"page, got {now.status}")
    if wanted.allow and wanted.allow != now.allow:
        return "unexplained", f"allow: wanted {wanted.allow}, got {now.allow}"
    differences = replay.names.differ(wanted.content, cut_as(wanted.content, now.content))
    if wanted.status == now.status and not differences:
        return "equal", ""
    if wanted.status == now.status == 400 and is_wording(wanted.content, now.content):
        return "wording or wire", ""
    return "unexplained", f"{wanted.status} -> {now.status} {'; '.join(differences)}"


def cut_as(wanted: Any, now: Any) -> Any:
    """Return a list of handlers cut to name and priority, where the recording is."""
    if isinstance(wanted, list) and wanted and isinstance(wanted[0], dict) and wanted[0].keys() == {"name", "priority"}:
        return [{"name": row["name"], "priority": row["priority"]} for row in now]
    return now


def test_every_decision_names_a_row() -> None:
    assert {decision.row for decision in (*ALL_DECIDED.values(), *UNSIGNED_CALLS.values())} <= set(ROWS)


@pytest.mark.parametrize("row", sorted(ROWS))
def test_every_row_is_told_in_the_documentation(row: str) -> None:
    assert ROWS[row] in " ".join(DIFFERENCES.read_text().split())


def test_paths_are_those_of_the_recording() -> None:
    assert {call["path"].startswith((OLD_API, "/process/")) for call in calls()} == {True}
