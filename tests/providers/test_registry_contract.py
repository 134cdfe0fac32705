"""Every provider in use holds the contract, with payload fixtures of its own."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from permabots.models.registry import providers
from permabots.providers import __path__ as provider_folders
from permabots.providers.base.contract import Provider
from permabots.providers.telegram.provider import Telegram
from permabots.testing.contract import ProviderContract

HERE = Path(__file__).parent
SHARED = {"base", "__pycache__"}


def suites() -> dict[str, Any]:
    """Return the subclasses of the contract, by the slugs of their providers: those in ``<slug>/test_contract.py``."""
    modules = [f"tests.providers.{path.parent.name}.test_contract" for path in HERE.glob("*/test_contract.py")]
    found = [value for module in modules for value in vars(import_module(module)).values() if isinstance(value, type)]
    return {it.provider.slug: it for it in found if issubclass(it, ProviderContract) and it is not ProviderContract}


def unproved(used: Iterable[Provider]) -> dict[str, str]:
    """Return slug -> what is missing, for every provider whose contract is not checked on payload fixtures."""
    return {provider.slug: words for provider in used if (words := _missing(provider, suites().get(provider.slug)))}


def _missing(provider: Provider, suite: Any) -> str:
    if suite is None:
        return f"no subclass of ProviderContract in tests/providers/{provider.slug}/test_contract.py"
    if suite.provider is not type(provider):
        return f"its contract is checked of {suite.provider.__qualname__}"
    has_answers = bool(suite.api_answers()) or not provider.has_webhook
    return "" if suite.webhooks() and has_answers else "no payload fixtures"


class Second(Telegram):
    """A provider that nobody has tested."""

    slug = "second"


class Copy(Telegram):
    """Another one under the same slug."""


def test_every_provider_in_use_is_checked_on_its_payload_fixtures() -> None:
    assert unproved(providers().values()) == {}


def test_every_folder_of_a_provider_is_in_use() -> None:
    folders = {path.name for path in Path(provider_folders[0]).iterdir() if path.is_dir()} - SHARED
    assert folders == set(providers())


def test_a_provider_without_a_contract_is_seen() -> None:
    assert unproved([Telegram(), Second()]) == {
        "second": "no subclass of ProviderContract in tests/providers/second/test_contract.py"
    }


def test_the_contract_of_another_class_does_not_count() -> None:
    assert unproved([Copy()]) == {"telegram": "its contract is checked of Telegram"}


def test_a_provider_without_payload_fixtures_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suites()["telegram"], "fixtures", tmp_path)
    assert unproved([Telegram()]) == {"telegram": "no payload fixtures"}
