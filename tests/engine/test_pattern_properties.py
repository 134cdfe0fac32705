"""What must hold for every pattern and every text."""

from __future__ import annotations

import re

from hypothesis import given, settings

from permabots.engine.patterns.prefilter import approximate
from permabots.engine.patterns.re2_set import CandidateSet
from permabots.engine.patterns.regex_translation import compile_exactly
from permabots.engine.patterns.tree import parse, quietly
from tests.engine.pattern_grammar import Sample, samples


@settings(max_examples=150, deadline=None)
@given(sample=samples())
def test_the_pattern_for_re2_matches_wherever_re_does(sample: Sample) -> None:
    pattern, text = sample
    if quietly(re.compile, pattern).search(text):
        chosen = CandidateSet((7, each) for each in approximate(parse(pattern).root))
        assert chosen.find(text.encode("utf-8", "surrogatepass")) == [7]


@settings(max_examples=150, deadline=None)
@given(sample=samples())
def test_the_pattern_for_regex_finds_the_same_place_and_groups_as_re(sample: Sample) -> None:
    pattern, text = sample
    expected = quietly(re.compile, pattern).search(text)
    found = compile_exactly(parse(pattern).root).search(text)
    assert (found and (found.span(), found.groups())) == (expected and (expected.span(), expected.groups()))
