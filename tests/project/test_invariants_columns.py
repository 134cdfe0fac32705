"""Who writes which column: read from the package's code. Each rule is shown to see a breach."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import pytest
from django.apps import apps

from permabots.models.webhook_secret import WebhookSecret
from tests.project.package_code import Found, calls, files_with, trees

MACHINE = frozenset().union(*(table.MACHINE for table in apps.get_app_config("permabots").get_models()))


# A secret is replaced only after the provider took the new one


def writing(columns: frozenset[str]) -> Callable[[ast.AST], Found]:
    """Return a rule that finds what writes one of these columns: an assignment, or a query that changes rows."""

    def rule(tree: ast.AST) -> Found:
        for node in ast.walk(tree):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            if any(isinstance(target, ast.Attribute) and target.attr in columns for target in targets):
                yield node
        for call, name, _ in calls(tree):
            fields = (word.value for word in call.keywords if word.arg in {"fields", "update_fields"})
            named = {word.arg for word in call.keywords}
            named |= {text for part in (*call.args, *fields) for text in _texts(part)}
            if name in CHANGING and named & columns:
                yield call

    return rule


CHANGING = {"update", "write", "bulk_update", "update_or_create", "save", "setattr", "create", "_same"}


def _texts(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def test_only_its_own_table_writes_a_secret_of_a_webhook() -> None:
    """Which proposes one before the provider is told, and adopts it after it has agreed: nothing else is there."""
    assert files_with(writing(WebhookSecret.SECRETS)) == {"models/webhook_secret.py"}


def test_a_secret_is_adopted_after_the_provider_was_told_it() -> None:
    """In the one function that does both, in this order, with nothing caught in between."""
    tree = trees()["models/integration.py"]
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    (function,) = [node for node in functions if any(name == "adopt_secret" for _, name, _ in calls(node))]
    order = sorted((call.lineno, name) for call, name, _ in calls(function) if name in STEPS)
    assert [name for _, name in order if name != "client"] == STEPS
    assert not any(isinstance(node, ast.Try) for node in ast.walk(function))
    adopting = files_with(lambda tree: (call for call, name, _ in calls(tree) if name == "adopt_secret"))
    assert adopting == {"models/integration.py"}


STEPS = ["propose_secret", "set_webhook", "adopt_secret"]


# No save writes what the machine owns


def test_columns_of_the_machinery_are_written_by_models_and_pipeline_alone() -> None:
    """`tests.models.test_machine_columns` shows that no `save` does; this, that no request does in another way."""
    found = files_with(writing(MACHINE - ALSO_NAMES_OF_OTHER_THINGS))
    others = {name for name in found if not name.startswith(("models/", "pipeline/"))}
    assert others == {"exceptions/webhooks.py"}, "the `status` of an exception is HTTP's"


ALSO_NAMES_OF_OTHER_THINGS = frozenset({"error", "owner", "chat_id", "user_id"})
"""An exception has an ``error``, a bot an ``owner``, a recipient a ``chat_id``."""


def test_no_insert_overwrites_a_row_that_is_there() -> None:
    def overwriting(tree: ast.AST) -> Found:
        return (node for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "update_conflicts")

    # The data of a button: only the time at which it was last sent is written again.
    assert files_with(overwriting) == {"models/callback_data.py"}


@pytest.mark.parametrize(
    "code",
    [
        "rows.update(status='done')",
        "row.status = 'done'",
        "row.attempts += 1",
        "rows.bulk_update(found, ['status'])",
        "row.save(update_fields=['status'])",
        "setattr(row, 'status', 'done')",
    ],
)
def test_writing_a_column_of_the_machinery_is_seen(code: str) -> None:
    assert any(writing(MACHINE)(ast.parse(code)))
