"""Documents as texts: JSON, and YAML without what makes YAML dangerous or two readers disagree."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar

import yaml
from django.core.exceptions import ValidationError

from permabots import strict_json
from permabots.values import Json

LONGEST = 2_000_000
"""Characters of a document that are read."""
LONGEST_YAML = 300_000
"""Characters in YAML, which takes fifty times as long to read as JSON does."""
DEEPEST = 100
FORMS = ("json", "yaml")


_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")
_DIGITS = list("-0123456789")
_BREAKS = re.compile("[\x85\u2028\u2029\ufeff]")
"""Matches what YAML takes for the end of a line, or leaves out, where a text is not in quotes."""


class _Loader(yaml.SafeLoader):
    """YAML with the values of JSON only, written as JSON writes them: ``012``, ``yes`` and dates are texts.

    References to other parts, which can grow without end, tags and doubled keys are refused.
    """

    yaml_constructors: ClassVar[dict[Any, Any]] = {
        f"{_TAG}null": lambda loader, node: None,
        f"{_TAG}bool": lambda loader, node: loader.construct_scalar(node) == "true",
        f"{_TAG}int": lambda loader, node: strict_json.loads(loader.construct_scalar(node)),
        f"{_TAG}float": lambda loader, node: strict_json.loads(loader.construct_scalar(node)),
        **{f"{_TAG}{name}": yaml.SafeLoader.yaml_constructors[f"{_TAG}{name}"] for name in ("str", "seq", "map")},
        None: yaml.SafeLoader.construct_undefined,
    }

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(None, None, "references (*name) are not read", event.start_mark)
        if getattr(event, "tag", None) not in {None, "!"}:
            raise yaml.MarkedYAMLError(None, None, f"tags ({event.tag}) are not read", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        name: Any
        for name, _ in node.value:
            key = self.construct_object(name, deep=True)
            if not isinstance(key, str):
                raise yaml.MarkedYAMLError(None, None, f"the key {key!r} is no text", name.start_mark)
            if key in seen:
                raise yaml.MarkedYAMLError(None, None, f"{key!r} is there twice", name.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


class _Dumper(yaml.SafeDumper):
    """YAML in which texts of several lines are written as such."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: Any, value: str) -> Any:
    style = '"' if _BREAKS.search(value) else "|" if "\n" in value else None
    return dumper.represent_scalar(f"{_TAG}str", value, style=style)


_Loader.yaml_implicit_resolvers = {}
for _name, _pattern, _first in (
    ("null", re.compile(r"(?:null|~|)\Z"), ["n", "~", ""]),
    ("bool", re.compile(r"(?:true|false)\Z"), ["t", "f"]),
    ("int", _INTEGER, _DIGITS),
    ("float", _FLOAT, _DIGITS),
):
    _Loader.add_implicit_resolver(f"{_TAG}{_name}", _pattern, _first)
_Dumper.add_implicit_resolver(f"{_TAG}float", _FLOAT, _DIGITS)  # a text like 1e5 needs quotes
_Dumper.add_representer(str, _text)


def dumps(document: Mapping[str, Any], form: str = "json") -> str:
    """Return a document as a text that ends with a newline.

    Args:
        document: the document.
        form: ``json`` or ``yaml``.
    """
    if form == "yaml":
        return yaml.dump(dict(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def loads(text: str) -> Json:
    """Return the value of a text in JSON, which begins with ``{``, or in YAML.

    Raises:
        django.core.exceptions.ValidationError: it cannot be read; the text says where.
    """
    is_json = text.lstrip("\ufeff \t\r\n").startswith("{")
    if len(text) > (longest := LONGEST if is_json else LONGEST_YAML):
        raise ValidationError(f"The document is longer than {longest:,} characters.", code="length")
    try:
        value = _json(text) if is_json else yaml.load(text, _Loader)  # noqa: S506
    except (ValueError, yaml.YAMLError) as error:
        raise ValidationError(f"The document cannot be read: {error}", code="syntax") from error
    except RecursionError:
        raise ValidationError("The document is nested too deep.", code="depth") from None
    if strict_json.deeper_than(value, DEEPEST):
        raise ValidationError("The document is nested too deep.", code="depth")
    return value


def _json(text: str) -> Json:
    return strict_json.loads(text.lstrip("\ufeff"), _without_doubles)


def _without_doubles(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = Counter(name for name, _ in pairs)
        raise ValueError(f"{names.most_common(1)[0][0]!r} is there twice")
    return found
