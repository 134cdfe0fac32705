"""The theme of a chat: what an author may choose, and that it can be read."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from permabots.models import WebBot
from permabots.web_chat_theme import contrast, readable_on
from permabots.web_chat_validators import validate_theme
from tests.web_chat.talking import make_chat

pytestmark = pytest.mark.django_db


def style_of(theme: Any) -> str:
    """Return the style sheet of a chat with a theme."""
    chat = make_chat()
    WebBot.objects.filter(pk=chat.pk).update(theme=theme)
    answer = Client().get(f"/chat/{chat.slug}/theme.css")
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    return answer.content.decode()


@pytest.mark.parametrize(
    "theme",
    [
        {},
        {"accent": "#1a5fb4"},
        {"accent": "#FFEE00"},
        {"accent": "#101010", "accent_text": "#ffffff", "radius": 0, "font": "serif", "position": "left"},
        {"background": "#000000"},
        {"dark_background": "#ffffff", "size": "large"},
    ],
)
def test_what_can_be_read_is_taken(theme: Any) -> None:
    validate_theme(theme)
    assert "--pb-accent: #" in style_of(theme)


@pytest.mark.parametrize(
    ("theme", "words"),
    [
        ([], "an object"),
        ({"colour": "#000000"}, "'colour' is no part of a theme"),
        ({"accent": "red"}, "accent must be a colour such as #1a5fb4"),
        ({"accent": "#fff"}, "accent must be a colour"),
        ({"accent": "#1a5fb4; }"}, "accent must be a colour"),
        ({"accent": 7}, "accent must be a colour"),
        ({"radius": 25}, "radius must be a whole number of pixels up to 24"),
        ({"radius": True}, "radius must be"),
        ({"radius": "1px"}, "radius must be"),
        ({"font": "Comic Sans"}, "font must be one of: system, serif, mono, rounded"),
        ({"position": "top"}, "position must be one of: right, left"),
        ({"size": ["large"]}, "size must be one of"),
        ({"accent": "#777777", "accent_text": "#ffffff"}, "a contrast of 4.48, and 4.5 is needed"),
        ({"text": "#888888"}, "text on the background cannot be read"),
        ({"dark_text": "#555555"}, "In the dark, text on the background cannot be read"),
        ({"text": "#747474"}, "text of the bot's messages cannot be read"),
    ],
)
def test_what_is_none_or_cannot_be_read_is_refused_in_words(theme: Any, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_theme(theme)
    assert words.casefold() in "".join(refused.value.messages).casefold()


def test_a_row_with_such_a_theme_is_not_valid() -> None:
    chat = make_chat()
    chat.theme = {"accent": "red"}
    with pytest.raises(ValidationError, match="accent must be a colour"):
        chat.full_clean()


@pytest.mark.parametrize("grey", range(0, 256, 5))
def test_on_every_colour_black_or_white_can_be_read(grey: int) -> None:
    colour = f"#{grey:02x}{255 - grey:02x}{grey:02x}"
    assert contrast(readable_on(colour), colour) >= 4.5


def test_the_text_on_the_accent_follows_from_it() -> None:
    assert "--pb-accent-text: #000000;" in style_of({"accent": "#ffee00"})
    assert "--pb-accent-text: #ffffff;" in style_of({"accent": "#003366"})


def test_there_are_colours_for_the_dark() -> None:
    found = style_of({"dark_background": "#202020"})
    dark = found[found.index("prefers-color-scheme: dark") :]
    assert "--pb-background: #202020;" in dark
    assert "--pb-text: #ffffff;" in dark


def test_a_theme_that_code_has_stored_unseen_cannot_end_the_rule() -> None:
    found = style_of({"accent": "#000000; } body { display: none"})
    assert "body" not in found
    assert re.search(r"--pb-accent: #[0-9a-f]{6};", found)


def test_there_is_no_style_of_no_chat() -> None:
    assert Client().get("/chat/nothing/theme.css").status_code == 404
