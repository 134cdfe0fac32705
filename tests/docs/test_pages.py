"""The documentation is true: what it lists is what the code has. `tests.docs.test_examples` runs its examples."""

from __future__ import annotations

import ast
import importlib
import json
import re
import subprocess
import sys
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest
from django.core.management import BaseCommand, get_commands, load_command_class

from permabots.conf import Config, limits
from permabots.models import InboundMessage, Notification, OutboundMessage
from permabots.models.registry import providers
from permabots.providers.telegram.provider import Telegram
from permabots.testing import FaultKind, callback_update, text_update
from permabots.testing.kik.api import KEY as KIK_KEY
from permabots.testing.kik.api import MISBEHAVING as KIK_PEOPLE
from permabots.testing.messenger.sending import MISBEHAVING as MESSENGER_PEOPLE
from permabots.testing.updates import message
from permabots.values import Inbound, Json, Kind
from tests.docs.pages import BLOCKS, PAGES, ROOT, Block, block, literals, page, table, words

PYTHON = [block for block in BLOCKS if block.language == "python"]
TARGETS = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)

# --- every page -------------------------------------------------------------------------------------------------------


def test_every_page_is_in_the_table_of_contents() -> None:
    listed = re.findall(r"^   (\w+)$", page("index"), re.MULTILINE)
    assert sorted([*listed, "index"]) == [path.stem for path in PAGES]


@pytest.mark.parametrize("example", PYTHON, ids=lambda block: f"{block.page}-{block.name}")
def test_python_compiles_and_its_imports_exist(example: Block) -> None:
    tree = ast.parse(example.text)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.module.startswith("yourproject"):
            module = importlib.import_module(node.module)
            missing = [name.name for name in node.names if not hasattr(module, name.name)]
            assert not missing, f"{node.module} has no {missing}"


@pytest.mark.parametrize("path", [*PAGES, ROOT / "README.rst", ROOT / "HISTORY.rst"], ids=lambda path: path.stem)
def test_commands_exist(path: Path) -> None:
    text = path.read_text()
    commands = set(re.findall(r"(?:^ {3,}(?:\$ )?|``)make ([a-z-]+)", text, re.MULTILINE))
    assert commands <= set(TARGETS)
    assert set(re.findall(r"manage\.py\s+([a-z_]+)", text)) <= set(get_commands())


def test_every_target_of_the_makefile_is_told() -> None:
    assert words("contributing", "make") == {f"make {target}" for target in TARGETS}


# --- settings ---------------------------------------------------------------------------------------------------------

LIMITS: dict[str, Any] = {"api_throttles": limits.RATES, "quotas": limits.QUOTAS}
KINDS = {bool: "true or false", int: "whole number", float: "number", tuple: "list of texts"}


def told_settings() -> dict[str, tuple[str, str]]:
    """Key -> type and default, from all tables of the page."""
    rows = [row for name in re.findall(r":name: (settings-\w+)", page("settings")) for row in table("settings", name)]
    return {literals(row[0])[0]: (row[1], literals(row[2])[0]) for row in rows}


def option(value: str) -> tuple[str, object]:
    """The type and the default of a provider's option."""
    if value in {"true", "false"}:
        return "true or false", value == "true"
    return ("number", float(value)) if value.replace(".", "", 1).isdecimal() else ("text", value)


def test_the_page_of_settings_tells_every_key_with_its_type_and_default() -> None:
    wanted = {}
    for item in fields(Config):
        if item.name in LIMITS:
            wanted[item.name.upper()] = ("dict", dict(LIMITS[item.name]))
        elif item.default is not MISSING:
            default = list(item.default) if isinstance(item.default, tuple) else item.default
            kind = bool if item.type == "bool | None" else type(item.default)
            wanted[item.name.upper()] = (KINDS.get(kind, "text"), default)
    for slug, provider in providers().items():
        for name, value in provider.default_options.items():
            wanted[f"{slug.upper()}_{name.upper()}"] = option(value)
    told = {key: (kind, ast.literal_eval(default)) for key, (kind, default) in told_settings().items()}
    assert told == wanted


def test_the_demos_environment_variables_are_told() -> None:
    sources = [path.read_text() for path in (ROOT / "demo").glob("*.py")]
    read = {name for text in sources for name in re.findall(r"environ\.get\(\s*\"(\w+)\"", text)}
    wanted = read | {"DATABASE_URL", "CACHE_URL", "PERMABOTS_<KEY>"}
    assert words("settings", "environment") == wanted


def test_the_page_of_installation_sets_what_the_demo_sets() -> None:
    demo = (ROOT / "demo" / "settings.py").read_text()
    (celery,) = (block.text for block in PYTHON if "visibility_timeout" in block.text)
    for name in ("CELERY_BROKER_TRANSPORT_OPTIONS", "CELERY_VISIBILITY_TIMEOUT", "CELERY_TASK_ACKS_LATE"):
        assert assigned(celery, name) <= assigned(demo, name)
    limits = dict(re.findall(r"ALTER ROLE \w+ SET (\w+) = '(\w+)';", page("installation")))
    assert limits == dict(re.findall(r"-c (\w+)=(\w+)", demo))


def assigned(source: str, name: str) -> set[str]:
    """Return what a Python text assigns to a name, each value as Python writes it."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assign)]
    values = {ast.unparse(node.value) for node in nodes if ast.unparse(node.targets[0]) == name}
    assert values, f"{name} is not set"
    return values


# --- operations -------------------------------------------------------------------------------------------------------


def test_every_system_check_is_told() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "permabots" / "checks").glob("*.py"))
    ids = set(re.findall(r"permabots\.[EIW]\d{3}", sources))
    assert words("operations", "checks") == ids


@pytest.mark.parametrize(
    ("name", "model"), [("inbound", InboundMessage), ("outbound", OutboundMessage), ("notification", Notification)]
)
def test_every_status_is_told(name: str, model: Any) -> None:
    assert words("operations", name) == set(model.Status.values)


def test_every_line_of_the_log_is_told() -> None:
    written = set()
    for path in (ROOT / "permabots").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(
                    func=ast.Attribute(ast.Name("logger"), "warning" | "error" | "exception"),
                    args=[ast.Constant(str(line)), *_],
                ):
                    written.add(line)
    assert words("operations", "log") == written


# --- Telegram ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["permabots_poll", "permabots_webhook"])
def test_every_option_of_the_commands_is_told(command: str) -> None:
    options = options_of(load_command_class("permabots", command)) - options_of(BaseCommand())
    assert options
    assert {option for option in options if f"``{option}" not in page("telegram")} == set()


def options_of(command: BaseCommand) -> set[str]:
    parser = command.create_parser("manage.py", "command")
    return {option for action in parser._actions for option in action.option_strings}


def shape(value: Json, own: bool = True) -> Json:
    """The keys that permabots itself gives a message, at every depth."""
    foreign = {"from_user", "chat"}
    return {key: key in foreign or shape(item) for key, item in value.items()} if isinstance(value, dict) else own


@pytest.mark.parametrize(
    ("name", "update"),
    [
        ("message-text", text_update(812345, 7, "/start", message_id=17)),
        ("message-press", callback_update(812346, 7, "order 7", under=message(7, text="What?"), callback_id="4")),
    ],
)
def test_the_shapes_of_a_message_are_as_shown(name: str, update: dict[str, Json]) -> None:
    kind = Kind.BUTTON if "callback_query" in update else Kind.TEXT
    seen = Telegram().message_context(Inbound("1", 1, kind, "/start", "7", "7", update))
    assert shape(seen) == shape(json.loads(block("templates", name)))


def test_every_fault_is_told() -> None:
    assert words("testing", "faults") == {kind.name for kind in FaultKind}


def test_everybody_who_always_refuses_is_told() -> None:
    told = words("testing", "people") - {"Retry-After: 1"}
    assert told == {*MESSENGER_PEOPLE, *KIK_PEOPLE, KIK_KEY, "REJECT"}


@pytest.mark.parametrize("module", ["telegram", "messenger", "kik", "user_api"])
def test_every_stand_in_is_started_as_shown(module: str) -> None:
    (line,) = re.findall(rf"\$ python -m permabots\.testing\.{module} (.+)", page("testing"))
    shown = subprocess.run(
        [sys.executable, "-m", f"permabots.testing.{module}", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert [option for option in line.split() if option.startswith("--") and option not in shown] == []
