"""Documents as texts: JSON, and YAML without what makes YAML dangerous or two readers disagree."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

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


class _Loader(yaml.SafeLoader):
    """YAML with plain values only: no references to other parts, which can grow without end, and no doubled keys."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(None, None, "references (*name) are not read", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for number, key in enumerate(keys):
            if not isinstance(key, str):
                raise yaml.MarkedYAMLError(None, None, f"the key {key!r} is no text", node.value[number][0].start_mark)
            if key in keys[:number]:
                raise yaml.MarkedYAMLError(None, None, f"{key!r} is there twice", node.value[number][0].start_mark)
        return super().construct_mapping(node, deep=deep)


# A date is a text here, as it is in JSON.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Dumper(yaml.SafeDumper):
    """YAML in which texts of several lines are written as such."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: Any, value: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


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
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} is there twice")
    return found
