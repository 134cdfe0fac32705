"""Secrets are hidden however they are written."""

from __future__ import annotations

import html
import json
import re
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from permabots.engine.redaction import HIDDEN, Redactor, credentials, is_secret_name, shown_address

SECRETS = [
    "s3cret",
    "a b/c+d&e=f",
    'q"uo\\te',
    "ümlaut \N{SLICE OF PIZZA}",
    "<x>'y'",
    "line\nbreak",
    "\\\\x",
    "%2F",
    "!",
]

WRITINGS = {
    "plain": str,
    "percent": quote,
    "percent, slashes too": lambda text: quote(text, safe=""),
    "percent in small letters": lambda text: re.sub("%..", lambda code: code[0].lower(), quote(text, safe="")),
    "form": quote_plus,
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON in UTF-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON twice": lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
    "HTML": html.escape,
    "HTML of messages": lambda text: html.escape(text, quote=False),
    "HTML twice": lambda text: html.escape(html.escape(text)),
    "Python": lambda text: repr(text)[1:-1],
    "Python in ASCII": lambda text: ascii(text)[1:-1],
    "percent in JSON": lambda text: json.dumps(quote(text))[1:-1],
    "JSON in HTML": lambda text: html.escape(json.dumps(text)[1:-1]),
    "JSON in percent": lambda text: quote(json.dumps(text)[1:-1]),
}


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("writing", WRITINGS)
def test_a_secret_is_hidden_in_every_writing(secret: str, writing: str) -> None:
    written = WRITINGS[writing](secret)
    hidden = Redactor([secret]).text(f"before {written} after")
    assert re.sub(r"\\|%(25)*5c", "", hidden, flags=re.IGNORECASE) == f"before {HIDDEN} after"


TEXT = st.characters(codec="utf-8", exclude_characters="\N{BULLET}")


@given(st.text(TEXT, min_size=1, max_size=20), st.sampled_from(sorted(WRITINGS)), st.text(max_size=5))
@example("\\", "plain", "")
@example("\\", "JSON in percent", "")
@example("a\\\\b", "JSON twice", "\\")
def test_no_writing_of_any_secret_stays(secret: str, writing: str, around: str) -> None:
    written = WRITINGS[writing](secret)
    hidden = Redactor([secret]).text(around + written + around)
    assert written not in hidden.replace(HIDDEN, "\N{BULLET}")


def test_other_text_stays() -> None:
    text = 'nothing \\ "secret" in %20 here &amp; there'
    assert Redactor(["s3cret", "a b"]).text(text) == text


def test_a_redactor_that_knows_nothing_changes_nothing() -> None:
    assert Redactor(["", ""]).text("text") == "text"


def test_a_secret_that_is_part_of_another_does_not_uncover_it() -> None:
    assert Redactor(["abc", "abcdef"]).text("abcdef abc") == f"{HIDDEN} {HIDDEN}"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("'123456789ab", "'[secret]"),
        ("'1234567...89abcdef' is no", "'1234567...[secret]' is no"),
        ("1234567 2345678", "1234567 2345678"),
        ('12345678"', '[secret]"'),
        ("", ""),
    ],
)
def test_pieces_of_a_secret_are_hidden_where_texts_are_quoted(text: str, hidden: str) -> None:
    assert Redactor(["123456789abcdef", "short"]).redact_fragments(text) == hidden


def test_escaped_pieces_are_hidden_where_texts_are_quoted() -> None:
    assert Redactor(['ab"cd\\ef\ngh\nij']).redact_fragments(r'the data: "ab\"cd\\ef\ng…') == 'the data: "[secret]…'


def test_a_redactor_learns_more_secrets() -> None:
    first = Redactor(["abc"])
    second = first.with_secrets(["xyz"])
    assert (first.text("abc xyz"), second.text("abc xyz")) == (f"{HIDDEN} xyz", f"{HIDDEN} {HIDDEN}")


def test_a_redactor_that_learns_nothing_new_is_itself() -> None:
    redactor = Redactor(["abc"])
    assert redactor.with_secrets(["abc"]) is redactor
    assert redactor.with_secrets([""]) is redactor


def test_no_secret_is_in_the_repr() -> None:
    assert repr(Redactor(["abc"])) == "Redactor(1 secrets)"


@pytest.mark.parametrize("secret", ["\\\\a\\\\b\\", "!!\\!", "%25!", "&", " "])
@pytest.mark.parametrize("text", ["\\", "\\a", "!\\", "!%25", "%25", "&amp;", "! ", "%5c"])
def test_no_text_makes_the_search_slow(secret: str, text: str) -> None:
    assert Redactor([secret]).text(text * 100_000)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("Authorization", True),
        ("proxy-authorization", True),
        ("Cookie", True),
        ("X-Api-Key", True),
        ("X-Auth-Token", True),
        ("client_secret", True),
        ("password", True),
        ("Idempotency-Key", False),
        ("Content-Type", False),
        ("X-Shop", False),
    ],
)
def test_some_names_stand_for_secrets(name: str, secret: bool) -> None:
    assert is_secret_name(name) is secret


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://x/a?b=1", "http://x/a?b=1"),
        ("http://ann:pass@x/a@b", "http://[secret]@x/a@b"),
        ("https://ann@x", "https://[secret]@x"),
        ("http://x/a@b?c=d@e", "http://x/a@b?c=d@e"),
        ("http://x/?token=abc&b=1;api_key=abc#top", "http://x/?token=[secret]&b=1;api_key=[secret]#top"),
        ("http://x/?my%20token=abc&token=", "http://x/?my%20token=[secret]&token="),
        ("nonsense", "nonsense"),
    ],
)
def test_an_address_is_shown_without_what_opens_doors(url: str, shown: str) -> None:
    assert shown_address(url) == shown


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://x/", ()),
        ("http://ann:p%40ss@x/", ("p@ss", "YW5uOnBAc3M=")),
        ("http://ann@x/", ("", "YW5u")),
    ],
)
def test_the_credentials_of_an_address_are_known_as_they_are_sent(url: str, found: tuple[str, ...]) -> None:
    assert credentials(url) == found
