"""A bot as a document: all that its author wrote, as JSON that a file can hold.

A document is an object of ``format`` (`FORMAT`), ``version`` (`VERSION`), ``bot`` (``name``, ``fallback_text``,
``separate_topics``) and lists, each of which may be left out: ``states`` (``name``), ``variables`` (``key``,
``secret``, and ``value`` where it is no secret), ``handlers`` (as `configuration.create_handler` takes them) and
``tests`` (``name``, ``provider``, ``state``, ``steps``). Accounts at messengers are no part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from django.core.exceptions import ValidationError

from permabots import strict_json
from permabots.database import atomic
from permabots.models import Bot, ConversationTest, EnvironmentVar
from permabots.pipeline.authoring import configuration
from permabots.pipeline.authoring.bots import save_bot
from permabots.values import Json

FORMAT = "permabots.bot"
VERSION = 1
UNSET = "unset"
"""What stands for a secret that is left out while its row is checked: an author may not leave a variable empty."""

_Fields = Mapping[str, type]
_BOT: _Fields = {"name": str, "fallback_text": str, "separate_topics": bool}
_SECTIONS: Mapping[str, _Fields] = {
    "states": {"name": str},
    "variables": {"key": str, "value": str, "secret": bool},
    "handlers": {
        **{"name": str, "pattern": str, "priority": int, "enabled": bool, "source_states": list, "target_state": str},
        **{"request": dict, "response": dict},
    },
    "tests": {"name": str, "provider": str, "state": str, "steps": list},
}
"""The lists of a document, in their order, with the fields of their items."""
_DOCUMENT: _Fields = {"format": str, "version": int, "bot": dict, **dict.fromkeys(_SECTIONS, list)}
_PARTS: Mapping[str, _Fields] = {
    "request": {"method": str, "url_template": str, "data": object, "url_parameters": list, "header_parameters": list},
    "response": {"text_template": str, "keyboard_template": str},
}
"""The objects in a handler, with their fields."""
_PARAMETER: _Fields = {"key": str, "value_template": str}
_NEEDED = {"name", "key", "pattern", "response", "text_template", "url_template", "value_template", "provider"}
_NULL = {"request", "target_state", "state", "data"}


def examples() -> list[str]:
    """Return the names of the example documents."""
    return sorted(it.name.removesuffix(".json") for it in _folder().iterdir() if it.name.endswith(".json"))


def example(name: str) -> dict[str, Any]:
    """Return an example document.

    Args:
        name: one of `examples`.

    Raises:
        LookupError: there is none of this name.
    """
    if name not in examples():
        raise LookupError(f"There is no example {name!r}. There are: {', '.join(examples())}.")
    document: Any = strict_json.loads((_folder() / f"{name}.json").read_text("utf-8"))
    return dict(document)


def _folder() -> Any:
    return files("permabots") / "examples"


def create(document: Json, owner: Any) -> Bot:
    """Make a bot of a document: all of it or nothing.

    A secret variable is made empty where the document leaves its value out.

    Args:
        document: as the module describes it.
        owner: the user whom the bot belongs to.

    Raises:
        django.core.exceptions.ValidationError: the document cannot be read, or something in it cannot be used; the
            text says where.
    """
    parts = check(document)
    with atomic():
        with _at("bot"):
            bot = Bot(owner=owner, **parts["bot"])
            bot.full_clean()
            save_bot(bot)
        with configuration.editing(bot):
            for section in _SECTIONS:
                for number, item in enumerate(parts[section], 1):
                    with _at(f"{section}, {number}"):
                        _make(bot, section, item)
    return bot


def check(document: Json) -> dict[str, Any]:
    """Return a document with all its sections, none of which has anything that is not known.

    Raises:
        django.core.exceptions.ValidationError: it is no document, or of a version that is not known.
    """
    found = _object(document, "the document", _DOCUMENT)
    if (found.get("format"), found.get("version")) != (FORMAT, VERSION):
        raise ValidationError(f"It is no document of the format {FORMAT!r}, version {VERSION}.", code="format")
    return {
        "bot": _object(found.get("bot"), "bot", _BOT),
        **{section: [_item(section, *it) for it in enumerate(found.get(section, []), 1)] for section in _SECTIONS},
    }


def _item(section: str, number: int, value: Json) -> dict[str, Any]:
    where = f"{section}, {number}"
    item = _object(value, where, _SECTIONS[section])
    if section == "handlers":
        for name, fields in _PARTS.items():
            if item.get(name) is not None:
                item[name] = _object(item[name], f"{where}, {name}", fields)
        for name in ("url_parameters", "header_parameters"):
            for parameter in (item.get("request") or {}).get(name, ()):
                _object(parameter, f"{where}, {name}", _PARAMETER)
        if not all(isinstance(name, str) for name in item.get("source_states", ())):
            raise ValidationError(f"{where}: source_states are names.", code="type")
    if section == "variables" and not (item.get("secret") or "value" in item):
        raise ValidationError(f"{where}: value is missing.", code="missing")
    return item


def _object(value: Json, where: str, fields: _Fields) -> dict[str, Any]:
    """Return an object that has what is needed, and nothing else than these fields."""
    if not isinstance(value, dict):
        raise ValidationError(f"{where}: an object is needed.", code="type")
    if unknown := value.keys() - fields.keys():
        raise ValidationError(f"{where}: {', '.join(sorted(unknown))} is not known.", code="unknown")
    if missing := (fields.keys() & _NEEDED) - value.keys():
        raise ValidationError(f"{where}: {', '.join(sorted(missing))} is missing.", code="missing")
    for name, kind in fields.items():
        if name in value and not _fits(value[name], kind, may_be_null=name in _NULL):
            raise ValidationError(f"{where}: {name} is of the wrong type.", code="type")
    return dict(value)


def _fits(value: Json, kind: type, *, may_be_null: bool) -> bool:
    if value is None:
        return may_be_null
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def _make(bot: Bot, section: str, item: dict[str, Any]) -> None:
    """Make one row of a bot with all that belongs to it."""
    match section:
        case "states":
            configuration.state(bot, item["name"])
        case "variables":
            row = configuration.save(EnvironmentVar(bot=bot, **{"value": UNSET, **item}))
            if "value" not in item:
                row.value = ""
                row.save(update_fields=["value"])
        case "handlers":
            configuration.create_handler(bot, item)
        case "tests":
            configuration.save(ConversationTest(bot=bot, **item))


@contextmanager
def _at(where: str) -> Iterator[None]:
    """Say in which part of the document an error is.

    Raises:
        django.core.exceptions.ValidationError: in place of one without the place.
    """
    try:
        yield
    except ValidationError as error:
        sentences = error.message_dict.items() if hasattr(error, "error_dict") else [("", error.messages)]
        words = "; ".join(f"{name}: {' '.join(said)}" if name else " ".join(said) for name, said in sentences)
        raise ValidationError(f"{where}: {words}", code="document") from error
