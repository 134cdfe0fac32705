"""A bot that is exported and imported elsewhere is exported as the same bytes."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from permabots.models import Bot
from permabots.pipeline.authoring import documents
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

EXAMPLES = int(os.environ.get("PERMABOTS_ROUND_TRIPS", "20"))
"""How many bots are made up."""
TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="{}\x00\r", exclude_categories=("Cs", "Cc")),
    min_size=1,
    max_size=20,
).filter(lambda text: text.strip() == text and text != "")
NAMES = st.sampled_from(["greet", "order", "Größe", "a b", "☕", "x" * 100])
STATES = st.sampled_from(["Start", "Choosing", "Paid for"])
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
RESPONSE = st.fixed_dictionaries(
    {"text_template": TEXT | st.just("{{ env.a }}\nand\n\nmore  ")},
    optional={"keyboard_template": st.sampled_from(["[['a', 'b']]", ""])},
)
PARAMETERS = st.lists(
    st.fixed_dictionaries({"key": st.sampled_from(["X-A", "X-B", "X-C"]), "value_template": TEXT}),
    unique_by=lambda it: it["key"],
    max_size=3,
)
REQUEST = st.fixed_dictionaries(
    {"url_template": st.just("https://api.example.com/{{ pattern.x }}")},
    optional={
        "method": st.sampled_from(["Get", "Post", "Patch"]),
        "data": st.none() | st.dictionaries(TEXT, PLAIN, max_size=3),
        "url_parameters": PARAMETERS,
        "header_parameters": st.lists(
            st.fixed_dictionaries({"key": st.sampled_from(["X-A", "X-B"]), "value_template": st.just("v")}),
            unique_by=lambda it: it["key"],
        ),
    },
)
HANDLER = st.fixed_dictionaries(
    {"name": NAMES, "pattern": st.sampled_from(["^a$", "(?P<x>.+)", "ä|ö"]), "response": RESPONSE},
    optional={
        "priority": st.integers(-3, 3),
        "enabled": st.booleans(),
        "source_states": st.lists(STATES, max_size=3),
        "target_state": st.none() | STATES,
        "request": st.none() | REQUEST,
    },
)
HOOK = st.fixed_dictionaries(
    {"name": NAMES, "response": RESPONSE},
    optional={"enabled": st.booleans(), "strict": st.booleans(), "recipients_template": st.just("{{ data.who }}")},
)
VARIABLE = st.one_of(
    st.fixed_dictionaries({"key": st.sampled_from(["a", "b", "c"]), "value": TEXT}),
    st.fixed_dictionaries({"key": st.sampled_from(["a", "b", "c"]), "secret": st.just(True)}),
)
TEST = st.fixed_dictionaries(
    {
        "name": NAMES,
        "provider": st.sampled_from(["telegram", "web"]),
        "steps": st.lists(
            st.builds(lambda said, state: {"said": said, "messages": [{"text": said}], "state": state}, TEXT, STATES),
            min_size=1,
            max_size=2,
        ),
    },
    optional={"state": st.none() | STATES},
)


def with_ids(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give those of one name an id each."""
    names = [item["name"] for item in items]
    return [
        {"id": f"id {number}", **item} if names.count(item["name"]) > 1 else item for number, item in enumerate(items)
    ]


BOTS = st.fixed_dictionaries(
    {
        "format": st.just("permabots.bot"),
        "version": st.just(1),
        "bot": st.fixed_dictionaries(
            {"name": NAMES}, optional={"fallback_text": TEXT, "separate_topics": st.booleans()}
        ),
    },
    optional={
        "states": st.lists(st.builds(lambda name: {"name": name}, STATES), unique_by=lambda it: it["name"]),
        "variables": st.lists(VARIABLE, unique_by=lambda it: it["key"]),
        "handlers": st.lists(HANDLER, max_size=5).map(with_ids),
        "hooks": st.lists(HOOK, max_size=3).map(with_ids),
        "tests": st.lists(TEST, unique_by=lambda it: it["name"], max_size=2),
    },
)


def exported(bot: Bot, form: str = "json") -> str:
    return documents.dumps(documents.export(Bot.objects.get(pk=bot.pk)), form)


@pytest.mark.timeout(60 + 2 * EXAMPLES)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(document=BOTS, other=BOTS)
def test_whatever_the_bot(document: dict[str, Any], other: dict[str, Any]) -> None:
    owner = make_user()
    first = documents.create(document, owner)
    text = exported(first)
    assert exported(documents.create(documents.loads(text), owner)) == text
    as_yaml = documents.loads(exported(first, "yaml"))
    # In the very bot, and over another one: what it was before leaves no trace.
    assert documents.apply(first, as_yaml) == []
    second = documents.create(other, owner)
    documents.apply(second, as_yaml)
    assert exported(second) == text
    assert documents.plan(second, as_yaml) == []
    owner.delete()


@pytest.mark.parametrize("form", documents.FORMS)
@pytest.mark.parametrize("name", documents.examples())
def test_the_examples(name: str, form: str) -> None:
    bot = documents.create(documents.example(name), make_user())
    text = exported(bot, form)
    assert exported(documents.create(documents.loads(text), make_user()), form) == text
