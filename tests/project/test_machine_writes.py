"""Tests cause what permabots writes itself: they connect, post to webhooks and let workers work.

A test that sets a status by hand stays green when nothing in the product leads to that status any more.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from permabots.models.webhook_secret import WebhookSecret
from tests.project.machine_columns import ROOT, Write, machine_columns, writes

TIME = frozenset(
    {
        "not_before",
        "identify_due",
        "lease_expires_at",
        "last_woken_at",
        "rate_tat",
        "rate_booked_at",
        "open_until",
        "changed_at",
        "last_used_at",
        "previous_key_expires_at",
        "paused_until",
        "removal_due",
        "gone",
        "last_worker_death_at",
        "only_turn_until",
        "last_sweep_at",
    }
)
"""Moments. The database has one clock, and no test moves it: time passes where such a column is put back."""
OTHER_PROCESS = frozenset({"lease_token"})
"""The lease of another worker, which is not there."""

ALLOWED: dict[str, tuple[frozenset[str], str]] = {
    "admin/test_bots.py": (
        TIME | {"topic"},
        "a pause that is over or to come; the topic of a recipient, whose author writes it",
    ),
    "admin/test_transcript.py": (
        frozenset({"trace"}),
        "it may be cut anywhere, and no turn has every part of one",
    ),
    "admin/test_two_authors.py": (frozenset({"chat_id"}), "of a recipient, whose author writes it"),
    "api/test_api_tokens.py": (TIME, "time passes"),
    "api/test_rotation.py": (TIME, "time passes"),
    "browser/shop.py": (
        frozenset({"status", "attempts", "error", "sent_at", "handled_at", "contact", "trace", "total"}),
        "a hundred conversations for each page: their traces and payloads are the engine's, workers would take minutes",
    ),
    "chaos/bugs.py": (TIME | OTHER_PROCESS | WebhookSecret.SECRETS, "bugs that are planted"),
    "chaos/test_ledger.py": (
        TIME | {"status", "attempts", "handled_at", "trace"},
        "the ledger finds what no worker may ever do: answers in another order, doubles",
    ),
    "models/test_lease.py": (TIME | {"status"}, "the lease itself is tested, without anybody who works"),
    "models/test_machine_columns.py": (frozenset({"revision", "last_sweep_at"}), "that no save writes it"),
    "models/test_outbox_order.py": (frozenset({"status", "attempts"}), "the order itself, over every status"),
    "operations/test_backlog.py": (TIME, "time passes"),
    "operations/test_commands.py": (TIME | {"failures"}, "a pause that is to come; an API that has been away"),
    "operations/test_health.py": (TIME, "time passes"),
    "operations/test_metrics_page.py": (TIME | {"failures"}, "time passes; an API that has been away"),
    "operations/test_purge_property.py": (frozenset({"status"}), "the property itself, over every mixture of statuses"),
    "pipeline/test_circuit_breaker.py": (TIME, "time passes"),
    "pipeline/test_fan_out.py": (TIME | OTHER_PROCESS, "time passes; the worker that is dead"),
    "pipeline/test_gone_recipients.py": (TIME, "time passes"),
    "pipeline/test_guarded_client.py": (TIME | {"failures"}, "time passes; an API that has been away"),
    "pipeline/test_attempt_limit.py": (TIME | OTHER_PROCESS, "time passes; the worker that is dead"),
    "pipeline/test_delivery.py": (TIME, "time passes"),
    "pipeline/test_identities.py": (TIME, "time passes"),
    "pipeline/test_integrations.py": (TIME, "time passes"),
    "pipeline/test_rate_limit.py": (TIME | {"total"}, "time passes, and the clock is set back"),
    "pipeline/test_sweep.py": (TIME | OTHER_PROCESS, "time passes; the worker that is dead"),
    "pipeline/test_unreadable_secrets.py": (TIME, "time passes"),
    "pipeline/test_turn.py": (TIME | OTHER_PROCESS, "the worker that takes over"),
    "pipeline/test_worker_deaths.py": (TIME, "time passes"),
    "providers/test_payloads_over_http.py": (
        frozenset({"status", "account", "user_api"}),
        "the bodies are of one account as its messenger wrote them: no stand-in has that account",
    ),
    "waiting.py": (frozenset({"not_before"}), "time passes"),
}
"""File -> the columns that it may write, and why."""


@pytest.fixture(scope="module")
def found() -> list[Write]:
    tables = machine_columns()
    return [write for path in sorted(ROOT.rglob("*.py")) for write in writes(path, tables)]


def test_no_test_sets_what_only_permabots_writes(found: list[Write]) -> None:
    allowed = {name: columns for name, (columns, _) in ALLOWED.items()}
    assert [it for it in found if it.column not in allowed.get(it.file, frozenset())] == []


def test_the_list_names_no_file_that_sets_nothing(found: list[Write]) -> None:
    assert set(ALLOWED) <= {it.file for it in found}


@pytest.mark.parametrize(
    ("source", "columns"),
    [
        ("make_inbound(talk, 1, status='done')", {"status"}),
        ("InboundMessage(attempts=3)", {"attempts"}),
        ("def came(**values):\n  make_inbound(talk, 1, **values)\ncame(status='done')", {"status"}),
        ("InboundMessage.objects.create(**{'status': 'done'})", {"status"}),
        ("TelegramBot.objects.filter(pk=1).update(webhook_secret='x')", {"webhook_secret"}),
        ("row.status, row.attempts = 'parked', 8", {"status", "attempts"}),
        ("Bot.objects.create(revision=3)", {"revision"}),
        ("row.write(status='connected')", {"status"}),
        ("Bot.objects.create(status='x', name='y')", set()),
        ("make_outbound(talk, payload={})", set()),
        ("Conversation.objects.update(chat_id='7')", {"chat_id"}),
        ("answer.status == 200", set()),
        ("self.status = 3", set()),
    ],
)
def test_every_way_to_set_one_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, columns: set[str]
) -> None:
    monkeypatch.setattr("tests.project.machine_columns.ROOT", tmp_path)
    path = tmp_path / "test_planted.py"
    path.write_text(source)
    assert {it.column for it in writes(path, machine_columns())} == columns
