"""Loading providers by their dotted paths."""

from __future__ import annotations

from abc import abstractmethod

import pytest

from permabots.exceptions import ConfigurationError
from permabots.providers.base.contract import Provider
from permabots.providers.base.registry import load
from permabots.providers.telegram.provider import Telegram

TELEGRAM = "permabots.providers.telegram.provider.Telegram"
HERE = __name__


class Second(Telegram):
    slug = "second"


class Double(Telegram):
    name = "Another with the same slug"


class NoFacts(Provider):
    """Says nothing of itself."""


class Unwritten(Telegram):
    slug = "unwritten"

    @abstractmethod
    def more(self) -> None: ...


class BadSlug(Telegram):
    slug = "Not-A-Slug"


class NoAddress(Telegram):
    slug = "no_address"
    default_options = {"version": "1"}


def test_providers_are_loaded_in_order_with_their_own_options() -> None:
    options = {"telegram": {"api_url": "http://127.0.0.1:1"}, "second": {}}
    providers = load((f"{HERE}.Second", TELEGRAM), options.__getitem__)
    assert list(providers) == ["second", "telegram"]
    assert providers["telegram"].options["api_url"] == "http://127.0.0.1:1"
    assert providers["second"].options["api_url"] == "https://api.telegram.org"


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        ((TELEGRAM, f"{HERE}.Double"), "already"),
        ((TELEGRAM, TELEGRAM), "already"),
        (("Telegram",), "no dotted path"),
        (("permabots.providers.nowhere.provider.Nowhere",), "cannot be imported"),
        ((f"{HERE}.Nothing",), "cannot be imported"),
        ((f"{HERE}.HERE",), "no subclass"),
        (("permabots.values.Json",), "no subclass"),
        ((f"{HERE}.NoFacts",), "slug, name, model"),
        ((f"{HERE}.Unwritten",), "does not implement more"),
        ((f"{HERE}.BadSlug",), "no identifier"),
        ((f"{HERE}.NoAddress",), "no api_url"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(paths: tuple[str, ...], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        load(paths, lambda slug: {})


def test_a_failed_import_is_the_cause() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(("permabots.providers.nowhere.provider.Nowhere",), lambda slug: {})
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_the_registry_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        load((TELEGRAM,), lambda slug: {})["telegram"] = Second()  # type: ignore[index]


def test_an_option_that_should_be_a_number_is_said_at_once() -> None:
    with pytest.raises(ConfigurationError, match="TELEGRAM_CHAT_RATE must be a number from 0 on, not 'fast'"):
        load((TELEGRAM,), lambda slug: {"chat_rate": "fast"})
