"""The commands that write a bot to a file, and read it from there."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from permabots.models import Bot
from permabots.pipeline.authoring import documents
from tests.factories import make_bot, make_user
from tests.pipeline.test_documents import DOCUMENT

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def bot() -> Bot:
    return documents.create(DOCUMENT, make_user("ann"))


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("name", ["bot.json", "bot.yaml"])
def test_a_file_is_written_and_read(bot: Bot, tmp_path: Path, name: str) -> None:
    file = str(tmp_path / name)
    assert run("permabots_export", "Small", "--output", file) == f'Wrote the bot "Small" to {file}.\n'
    assert run("permabots_import", file, "--bot", str(bot.pk)) == "0 changes made.\n"
    make_user("bob")
    assert run("permabots_import", file, "--owner", "bob").startswith('Made the bot "Small" of bob: ')
    made = Bot.objects.get(owner__username="bob")
    assert run("permabots_export", str(made.pk)) == run("permabots_export", str(bot.pk))


def test_a_plan_is_told_and_nothing_written(bot: Bot, tmp_path: Path) -> None:
    file = tmp_path / "bot.json"
    file.write_text(documents.dumps({**DOCUMENT, "handlers": []}), encoding="utf-8")
    said = run("permabots_import", str(file), "--bot", "Small", "--plan")
    assert said == 'deleted handler "ask"\n1 change to make: nothing was written.\n'
    assert bot.handlers.count() == 1
    said = run("permabots_import", str(file), "--owner", "ann", "--plan")
    assert said == 'A new bot "Small" of ann would be made: nothing was written.\n'
    assert Bot.objects.count() == 1
    assert run("permabots_import", str(file), "--bot", "Small").endswith("1 change made.\n")
    assert not bot.handlers.exists()


def test_secrets_and_people_are_written_where_they_are_asked_for(bot: Bot) -> None:
    documents.apply(
        bot,
        {
            **DOCUMENT,
            "variables": [{"key": "token", "secret": True, "value": "s3cret"}],
            "hooks": [
                {
                    "name": "news",
                    "response": {"text_template": "x"},
                    "recipients": [{"provider": "telegram", "chat_id": "1", "name": "Ann"}],
                }
            ],
        },
    )
    plain = run("permabots_export", "Small")
    assert "s3cret" not in plain
    assert "Ann" not in plain
    assert "s3cret" in run("permabots_export", "Small", "--secrets")
    assert "Ann" in run("permabots_export", "Small", "--recipients", "--format", "yaml")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("permabots_export", "Nobody"), "no bot has the id or name 'Nobody'"),
        (("permabots_export", "Small", "--output", "/nowhere/x.json"), "/nowhere/x.json cannot be written"),
        (("permabots_import", "FILE"), "Name a bot"),
        (("permabots_import", "FILE", "--owner", "nobody"), "There is no user 'nobody'."),
        (("permabots_import", "FILE", "--bot", "Small"), "cannot be read"),
        (("permabots_import", "/nowhere/x.json", "--bot", "Small"), "/nowhere/x.json cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said(bot: Bot, tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    file = tmp_path / "bot.json"
    file.write_text("{", encoding="utf-8")
    with pytest.raises(CommandError, match=words):
        run(*(str(file) if word == "FILE" else word for word in arguments))


def test_of_several_bots_of_one_name_none_is_overwritten(bot: Bot, tmp_path: Path) -> None:
    make_bot(name="Small")
    file = tmp_path / "bot.json"
    file.write_text(documents.dumps(DOCUMENT), encoding="utf-8")
    with pytest.raises(CommandError, match=f"several bots of the name 'Small'. Give an id: {bot.pk} of ann"):
        run("permabots_import", str(file), "--bot", "Small")


def test_what_is_not_in_utf_8_is_refused(bot: Bot, tmp_path: Path) -> None:
    file: Any = tmp_path / "bot.json"
    file.write_bytes(b'{"a": "\xff"}')
    with pytest.raises(CommandError, match="is not in UTF-8: invalid start byte at byte 7"):
        run("permabots_import", str(file), "--bot", "Small")


def test_a_plan_of_a_new_bot_finds_what_making_it_would(bot: Bot, tmp_path: Path) -> None:
    file = tmp_path / "bot.json"
    handler = {"name": "a", "pattern": "(", "response": {"text_template": "a"}}
    file.write_text(documents.dumps({**DOCUMENT, "handlers": [handler]}), encoding="utf-8")
    with pytest.raises(CommandError, match="handlers, 1: pattern"):
        run("permabots_import", str(file), "--owner", "ann", "--plan")
