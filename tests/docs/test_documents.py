"""The document of the documentation is read, saved over the API, and its bot answers as it says."""

from __future__ import annotations

import pytest

from permabots.models import Bot
from permabots.pipeline.authoring import documents
from permabots.pipeline.authoring.conversation_tests import run
from tests.api.conftest import ROOT, Api
from tests.docs.pages import block, words
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_it_is_a_bot_that_passes_its_test() -> None:
    text = block("documents", "weather")
    answer = Api(make_user())("POST", f"{ROOT}bots/document/", documents.loads(text))
    assert answer.status_code == 201
    bot = Bot.objects.get(pk=answer.json()["id"])
    results = run(bot, bot.conversation_tests.all())
    assert [result.diff or result.problem for result in results] == [""]


def test_it_is_in_the_form_in_which_it_would_be_exported() -> None:
    text = block("documents", "weather")
    bot = documents.create(documents.loads(text), make_user())
    assert documents.dumps(documents.export(bot), "yaml") == text + "\n"


def test_every_example_is_told() -> None:
    assert words("documents", "examples") == set(documents.examples())
