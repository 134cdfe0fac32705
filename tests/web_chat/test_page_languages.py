"""The words of the page: English, German and Spanish, and what a host project adds."""

from __future__ import annotations

import gettext
import io
import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.test import Client
from django.utils import translation

from permabots.views.chat.words import words
from tests.web_chat.talking import make_chat

pytestmark = pytest.mark.django_db
PACKAGE = Path(__file__).parents[2] / "permabots"
LOCALE = PACKAGE / "locale"
FORGET = {"en": "Forget me", "de": "Mich vergessen", "es": "Olvídeme"}


def page(query: str = "", accept: str = "") -> str:
    headers = {"Accept-Language": accept} if accept else {}
    return Client(headers=headers).get(f"/chat/{make_chat().slug}/{query}").content.decode()


def language_of(source: str) -> str:
    found = re.search('<html lang="([^"]+)"', source)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("query", "accept", "code"),
    [
        ("", "", "en"),
        ("", "de-AT,en;q=0.5", "de"),
        ("", "fr,es;q=0.5", "es"),
        ("", "fr", "en"),
        ("?lang=es", "de", "es"),
        ("?lang=es-MX", "de", "es"),
        ("?lang=fr", "de", "de"),
        ("?lang=" + "x" * 5000, "de", "de"),
    ],
)
def test_the_page_is_in_the_first_wanted_language_that_there_is(query: str, accept: str, code: str) -> None:
    source = page(query, accept)
    assert language_of(source) == code
    assert FORGET[code] in source


@pytest.mark.parametrize("code", ["de", "es"])
def test_every_word_is_translated(code: str) -> None:
    english = words("Shop")
    with translation.override(code):
        assert not {name for name, word in words("Shop").items() if word == english[name]}


@pytest.mark.parametrize("code", ["de", "es"])
def test_what_is_compiled_is_what_is_written(code: str) -> None:
    folder = LOCALE / code / "LC_MESSAGES"
    written = io.BytesIO()
    with (folder / "django.po").open("rb") as source:
        catalog = read_po(source)
    write_mo(written, catalog)
    written.seek(0)
    with (folder / "django.mo").open("rb") as compiled:
        assert texts(gettext.GNUTranslations(compiled)) == texts(gettext.GNUTranslations(written))
    assert not [it.id for it in catalog if it.id and (not it.string or it.fuzzy)]


@pytest.mark.parametrize("code", ["de", "es"])
def test_every_text_of_the_templates_is_translated(code: str) -> None:
    with (LOCALE / code / "LC_MESSAGES" / "django.po").open("rb") as source:
        known = {it.id for it in read_po(source)}
    templates = (PACKAGE / "templates" / "permabots" / "chat").glob("*.html")
    wanted = {text for it in templates for _, text in re.findall(r"translate (['\"])(.+?)\1", it.read_text())}
    assert wanted
    assert wanted <= known


def test_a_host_project_adds_a_language(tmp_path: Path, settings: Any) -> None:
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    lines = [
        *('msgid ""', 'msgstr "Content-Type: text/plain; charset=UTF-8\\n"', ""),
        *('msgctxt "the code of the language of this translation"', 'msgid "en"', 'msgstr "fr"', ""),
        *('msgctxt "web chat"', 'msgid "Forget me"', 'msgstr "Oubliez-moi"'),
    ]
    with (folder / "django.mo").open("wb") as target:
        write_mo(target, read_po(io.StringIO("\n".join(lines))))
    settings.LOCALE_PATHS = [tmp_path]  # Django forgets what it has read when this changes
    source = page(accept="fr")
    assert language_of(source) == "fr"
    assert "Oubliez-moi" in source


def texts(found: Any) -> dict[Any, str]:
    return {name: text for name, text in found._catalog.items() if name}
