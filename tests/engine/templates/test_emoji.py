"""Emoji have names, found in Unicode and in CLDR."""

from __future__ import annotations

import unicodedata

import pytest
from emoji import EMOJI_DATA

from permabots.engine.templates.emoji import EMOJI, template_name


@pytest.mark.parametrize(
    ("name", "emoji"),
    [
        ("pile_of_poo", "💩"),
        ("thumbs_up_sign", "👍"),
        ("grinning_face_with_smiling_eyes", "😁"),
        ("heavy_black_heart", "❤️"),
        ("copyright_sign", "©️"),
        ("squared_cl", "🆑"),
        ("digit_one_plus_combining_enclosing_keycap", "1️⃣"),
        ("number_sign_plus_combining_enclosing_keycap", "#️⃣"),
        ("regional_indicator_symbol_letter_d_plus_regional_indicator_symbol_letter_e", "🇩🇪"),
        ("thumbs_up_sign_plus_emoji_modifier_fitzpatrick_type_3", "👍🏼"),
    ],
)
def test_unicode_names_are_known(name: str, emoji: str) -> None:
    assert EMOJI[name] == emoji


@pytest.mark.parametrize(("name", "emoji"), [("thumbsup", "👍"), ("red_heart", "❤️"), ("germany", "🇩🇪"), ("+1", None)])
def test_short_names_and_aliases_are_known_where_letters_are_left_of_them(name: str, emoji: str | None) -> None:
    assert EMOJI.get(name) == emoji


def test_a_unicode_name_wins_over_the_short_name_of_another_emoji() -> None:
    assert EMOJI["grinning_face_with_smiling_eyes"] == unicodedata.lookup("GRINNING FACE WITH SMILING EYES") == "😁"


def test_every_emoji_of_one_character_is_found_by_its_character_name() -> None:
    names = {
        template_name(unicodedata.name(emoji)): emoji
        for emoji in EMOJI_DATA
        if len(emoji) == 1 and unicodedata.name(emoji, "")
    }
    assert {name for name, emoji in names.items() if EMOJI[name].rstrip("\ufe0f") != emoji} == set()


def test_every_emoji_that_is_complete_has_a_name() -> None:
    complete = {emoji for emoji, facts in EMOJI_DATA.items() if facts["status"] <= 2}
    assert complete <= set(EMOJI.values())


def test_no_name_hides_a_method_of_the_table() -> None:
    assert not [name for name in EMOJI if hasattr(EMOJI, name)]


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        EMOJI["pile_of_poo"] = "x"  # type: ignore[index]
