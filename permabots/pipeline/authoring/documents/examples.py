"""The example bots that permabots brings along, as documents."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from permabots import strict_json

FOLDER: Any = files("permabots") / "examples"


def examples() -> list[str]:
    """Return the names of the example documents."""
    return sorted(it.name.removesuffix(".json") for it in FOLDER.iterdir() if it.name.endswith(".json"))


def example(name: str) -> dict[str, Any]:
    """Return an example document.

    Args:
        name: one of `examples`.

    Raises:
        LookupError: there is none of this name.
    """
    if name not in examples():
        raise LookupError(f"There is no example {name!r}. There are: {', '.join(examples())}.")
    document: Any = strict_json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return dict(document)
