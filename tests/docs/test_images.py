"""The pictures of the documentation: each is there, is used, says what it shows, and is no burden."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
IMAGES = sorted((DOCS / "images").glob("*"))
PLACE = re.compile(r"^\.\. image:: (?:docs/)?images/(\S+)\n   :alt: (\S.*)$", re.MULTILINE)
LARGEST = 160_000
"""Bytes."""


def used() -> dict[str, str]:
    """Return the pictures that pages show -> what stands there for those who do not see them."""
    pages = [*DOCS.rglob("*.rst"), ROOT / "README.rst"]
    return {name: alt for page in pages for name, alt in PLACE.findall(page.read_text())}


def test_every_picture_is_used_and_every_picture_that_is_used_is_there() -> None:
    assert IMAGES
    assert set(used()) == {path.name for path in IMAGES}


def test_no_picture_is_shown_without_words() -> None:
    pages = "".join(page.read_text() for page in (*DOCS.rglob("*.rst"), ROOT / "README.rst"))
    assert len(PLACE.findall(pages)) == pages.count(".. image::") + pages.count(".. figure::")


@pytest.mark.parametrize("path", IMAGES, ids=lambda path: path.name)
def test_a_picture_is_a_png_of_a_reasonable_size(path: Path) -> None:
    source = path.read_bytes()
    assert source.startswith(b"\x89PNG")
    assert len(source) < LARGEST


def test_make_screenshots_takes_every_picture() -> None:
    source = (ROOT / "tests" / "browser" / "screenshots.py").read_text()
    assert not [path.stem for path in IMAGES if f'"{path.stem}' not in source]
