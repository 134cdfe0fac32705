"""The tests that hold for all values, fed with bytes that decide what Hypothesis draws."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from importlib import import_module

from tests.fuzz.targets.target import Target

TESTS = (
    "engine.test_matching_properties.test_the_winner_and_its_groups_are_those_of_a_plain_loop",
    "engine.test_pattern_properties.test_the_pattern_for_re2_matches_wherever_re_does",
    "engine.test_pattern_properties.test_the_pattern_for_regex_finds_the_same_place_and_groups_as_re",
    "engine.templates_properties.test_broken_templates.test_a_broken_template_ends_in_an_error_for_its_author",
    "engine.templates_properties.test_markup_is_the_authors.test_a_value_that_is_computed_with_makes_no_tag",
    "engine.templates_properties.test_markup_is_the_authors.test_what_is_seen_is_what_the_author_wrote_around_the_value",
    "engine.templates_properties.test_structure_is_the_authors.test_the_buttons_of_a_keyboard",
    "engine.templates_properties.test_structure_is_the_authors.test_the_parts_of_an_address",
    "engine.templates_properties.test_structure_is_the_authors.test_the_structure_of_data",
    "engine.test_truncation.test_a_summary_is_storable_json_of_bounded_size",
    "providers.base.test_splitting.test_every_character_keeps_its_tags",
    "providers.base.test_splitting.test_no_cut_falls_into_a_grapheme_that_would_fit",
    "providers.kik.test_rendering.test_no_limit_is_exceeded_and_nothing_is_lost",
    "providers.messenger.test_rendering_any_answer.test_nothing_is_over_a_limit_nothing_is_lost_and_order_is_kept",
    "providers.telegram.test_rendering.test_every_text_is_accepted_by_a_strict_parser_and_shows_what_was_meant",
)


def _run(test: Callable[[bytes], object], data: bytes) -> str:
    """Run a test on what bytes decide; an input that is too short is continued, the same way each time."""
    more = random.Random(data).randbytes(4_000)
    return "drawn" if test(data + more) is not None else "not drawn"


def _target(path: str) -> Target:
    module, _, name = path.rpartition(".")

    def run(data: bytes) -> str:
        test = getattr(import_module(f"tests.{module}"), name)
        return _run(test.hypothesis.fuzz_one_input, data)

    return Target(name.removeprefix("test_"), run, partial(tuple, (b"", b"\x00", b"\xff" * 40)))


TARGETS = tuple(map(_target, TESTS))
