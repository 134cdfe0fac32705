"""What a stand-in server knows, as a page for people: ``GET /_control/``."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from html import escape
from itertools import groupby
from typing import Any

from permabots.testing.control import CONTROL_PREFIX, Operations, plain
from permabots.testing.http11 import Reply
from permabots.values import Json

SECTIONS: Mapping[str, str] = {
    "sent": "What bots sent, chat by chat",
    "requests": "Requests",
    "deliveries": "What webhooks were told",
    "calls": "Calls to the API",
    "violations": "Rules that were broken",
}
"""The lists of a stand-in's control page: the operation that returns a list -> its title."""
NEWEST = 100
"""Entries that the page shows of each."""
LEFT_OUT = frozenset({"monotonic", "headers"})
"""Fields that tell a person nothing."""
STYLE = """:root { color-scheme: light dark; font: 15px/1.4 sans-serif }
body { max-width: 75em; margin: 1em auto; padding: 0 1em }
table { border-collapse: collapse } td, th { padding: 2px 10px 2px 0; text-align: left; vertical-align: top }
td { white-space: pre-wrap; overflow-wrap: anywhere } div { overflow-x: auto }"""


def overview(name: str, url: str, operations: Operations) -> Reply:
    """Return the page.

    Args:
        name: the server's.
        url: where it is.
        operations: what its control API offers.
    """
    body = "".join(_body(name, url, operations))
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(name)}</title><style>{STYLE}</style></head><body>{body}</body></html>"
    )
    return Reply(200, page.encode(), {"Content-Type": "text/html; charset=utf-8"})


def _body(name: str, url: str, operations: Operations) -> Iterator[str]:
    yield f"<h1>{escape(name)}</h1><p>A stand-in, of this machine only. Load the page anew to see what is new.</p>"
    for key in (it for it in SECTIONS if it in operations):
        entries = operations[key]()
        yield f"<h2>{SECTIONS[key]}: {len(entries)}</h2>"
        yield from _by_chat(entries) if key == "sent" else _table(entries)
    yield "<h2>How to steer it</h2><p>Post the arguments as JSON, or nothing where there are none:</p>"
    yield f'<pre>curl -d \'{{"argument": "value"}}\' {escape(url)}{CONTROL_PREFIX}&lt;operation&gt;</pre>'
    yield "<table><thead><tr><th>Operation</th><th>What it does</th></tr></thead><tbody>"
    yield from (_operation(it, operations[it]) for it in sorted(operations))
    yield "</tbody></table>"


def _by_chat(entries: Iterable[Any]) -> Iterator[str]:
    rows = sorted(entries, key=lambda entry: str(entry.chat_id))
    for chat, found in groupby(rows, key=lambda entry: str(entry.chat_id)):
        yield f"<h3>Chat {escape(chat)}</h3>"
        yield from _table(list(found))


def _table(entries: list[Any]) -> Iterator[str]:
    """Yield a table of the newest entries, the newest last."""
    rows: list[Any] = [plain(entry) for entry in entries[-NEWEST:]]
    if not rows:
        return
    names = [name for name in rows[0] if name not in LEFT_OUT]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    yield f'<div tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>'
    for row in rows:
        yield f"<tr>{''.join(f'<td>{escape(_shown(name, row[name]))}</td>' for name in names)}</tr>"
    yield "</tbody></table></div>"


def _shown(name: str, value: Json) -> str:
    if name == "time":
        return f"{datetime.fromtimestamp(value, UTC):%H:%M:%S}"
    if isinstance(value, float):
        return f"{value:.3f}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _argument(parameter: inspect.Parameter) -> str:
    """Return an argument as it is written in Python, without its type."""
    return str(parameter.replace(annotation=inspect.Parameter.empty))


def _operation(name: str, call: Callable[..., Any]) -> str:
    arguments = ", ".join(_argument(it) for it in inspect.signature(call).parameters.values())
    about = (inspect.getdoc(call) or "").partition("\n\n")[0]
    return f"<tr><td><code>{escape(f'{name}({arguments})')}</code></td><td>{escape(about)}</td></tr>"
