"""Whom a slow provider may hold up, and that everything ends: read from the package's code.

Each rule is shown to see a breach.
"""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from permabots.conf import Config
from tests.project.package_code import Found, calls, files_with, trees

TABLES: list[Any] = [table for table in apps.get_app_config("permabots").get_models() if not table._meta.proxy]

# Nothing calls a provider inside a request or a sweep

ASKED_BY_A_ROW = {"client", "connect", "init_bot", "sync_webhook"}
"""Methods of an account, without arguments, that make a client or use one."""
ASKED_BY_A_FUNCTION = {"attach", "change"}
"""Functions of `permabots.pipeline.authoring.integrations` that do."""
CALLERS = {
    "admin/actions.py": "somebody asks how a webhook is, or sets it",
    "admin/integrations.py": "somebody connects an account",
    "management/commands/permabots_poll.py": "a command for developers",
    "management/commands/permabots_webhook.py": "a command for operators",
    "models/integration.py": "the documented methods of an account",
    "models/webhook_secret.py": "somebody ends a secret",
    "pipeline/receiving/acknowledgements.py": "a worker that acknowledges a press",
    "pipeline/receiving/identities.py": "a worker, or a command for operators, that asks for a name",
    "pipeline/authoring/integrations.py": "connecting, for which somebody waits",
    "pipeline/sending/outbox.py": "a worker that sends",
    "pipeline/authoring/removals.py": "a worker that removes",
    "pipeline/authoring/webhook_secrets.py": "somebody replaces or ends a secret",
    "views/api/integrations.py": "somebody connects an account, or asks how its webhook is",
}
"""Where a provider is asked, and why it may be: a provider may hang, and whoever asks it hangs too."""
NO_ACCOUNTS = {"http_deadline.py"}
"""Where something else is connected: a connection of HTTP."""
WORKERS_ONLY = {"pipeline/sending/outbox.py": "deliver", "pipeline/authoring/removals.py": "finish"}
"""Those of them that a worker alone may call, and by which function."""


def asking(tree: ast.AST) -> Found:
    for call, name, before in calls(tree):
        plain = not call.args and not call.keywords and before not in {"", "super()"}
        if (
            (name in ASKED_BY_A_ROW and plain)
            or (name == "set_webhook" and call.args)
            or (name in ASKED_BY_A_FUNCTION and before == "integrations")
        ):
            yield call


def test_only_those_ask_a_provider_for_whom_it_may_be_waited() -> None:
    """Not the sweep, no webhook, no hook, no turn; and no request that removes something."""
    found = {name for name in files_with(asking) if not name.startswith("providers/")} - NO_ACCOUNTS
    assert found == CALLERS.keys()


@pytest.mark.parametrize(("module", "function"), WORKERS_ONLY.items())
def test_what_sends_and_what_removes_is_called_by_workers_alone(module: str, function: str) -> None:
    """No view, no admin page, no command and no sweep: whoever calls it is reached from a task."""
    name = Path(module).stem
    callers = {
        file
        for file, tree in trees().items()
        for _, called, before in calls(tree)
        if called == function and before == name
    }
    assert callers <= {"tasks.py", "account_tasks.py", "pipeline/drain.py"}, callers
    assert callers


@pytest.mark.parametrize(
    "code",
    [
        "row.client()",
        "account.connect()",
        "self.row.sync_webhook()",
        "row.set_webhook(None)",
        "integrations.attach(bot, slug, {})",
    ],
)
def test_asking_a_provider_is_seen(code: str) -> None:
    assert any(asking(ast.parse(code)))


@pytest.mark.parametrize("code", ["signal.connect(receiver)", "super().connect()", "client(path)", "change(text)"])
def test_what_only_sounds_alike_is_not(code: str) -> None:
    assert not any(asking(ast.parse(code)))


def asking_in_a_transaction(tree: ast.AST) -> Found:
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and any(_opens(item.context_expr) for item in node.items):
            yield from asking(node)


def _opens(expression: ast.AST) -> bool:
    return any(name in {"atomic", "editing"} for _, name, _ in calls(expression))


def test_no_provider_is_asked_in_a_transaction() -> None:
    assert files_with(asking_in_a_transaction) == set()
    assert any(asking_in_a_transaction(ast.parse("with atomic():\n    if x:\n        row.client().identify()")))


# Every row has a ceiling of attempts

CEILINGS = {
    "InboundMessage": (
        "turn_attempts",
        "tests.pipeline.test_turn.test_a_message_that_never_comes_to_an_end_is_parked_and_the_next_is_answered",
    ),
    "OutboundMessage": (
        "send_attempts",
        "tests.pipeline.test_attempt_limit"
        ".test_a_message_whose_sending_fails_in_an_unforeseen_way_is_parked_after_its_attempts",
    ),
    "Notification": (
        "turn_attempts",
        "tests.process.test_hooks.test_a_notification_that_kills_each_worker_is_parked_and_the_next_is_told",
    ),
}
"""Table whose rows are work -> the setting that is its ceiling, and the test that reaches it."""


def test_every_table_of_work_has_a_ceiling_and_a_test_that_reaches_it() -> None:
    assert {table.__name__ for table in TABLES if hasattr(table, "UNFINISHED")} == CEILINGS.keys()
    for name, (setting, test) in CEILINGS.items():
        assert "attempts" in {field.name for field in apps.get_model("permabots", name)._meta.get_fields()}
        assert isinstance(getattr(Config(), setting), int)
        module, _, function = test.rpartition(".")
        assert callable(getattr(import_module(module), function))


COUNTING = {
    "pipeline/answering/turn.py": ("pipeline/answering/turn.py", "turn_attempts"),
    "pipeline/sending/outbox.py": ("pipeline/sending/outbox.py", "send_attempts"),
    "pipeline/hooks/notification_lease.py": ("pipeline/hooks/notifications.py", "turn_attempts"),
}
"""Who counts attempts -> who looks at their ceiling, and at which."""


def test_whoever_counts_an_attempt_looks_at_the_ceiling() -> None:
    counting = {
        name for name, tree in trees().items() if any(called == "count_attempt" for _, called, _ in calls(tree))
    }
    assert counting == COUNTING.keys()
    for file, setting in COUNTING.values():
        assert any(isinstance(node, ast.Attribute) and node.attr == setting for node in ast.walk(trees()[file]))
