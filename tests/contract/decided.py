"""Where this project differs from the original on purpose: which recorded steps, in what, and by which decision."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.contract.recorded import Seen

Change = Callable[[Seen], Seen]

ROWS = {
    "rows of buttons": "Now they stand in the rows that the author wrote.",
    "quoting": "Now the first one does; ``QUOTE_INCOMING`` turns it off.",
    "tags": "Now they are kept, and no chunk has an open tag.",
    "blank keyboard": "Now it is as no keyboard.",
    "no buttons": "**An inline keyboard without buttons** was sent as such. Now it is as no keyboard.",
    "keyboard injection": "inside of a keyboard's quotes, in a part of an address, in JSON.",
    "escaping": "Now every value is escaped once, for the place where it is put out: between tags,",
    "undefined": "Now it renders as nothing, and the trace says which name.",
    "group names": "Now any name works.",
    "broken pattern": "Now that handler alone never fits, and the trace says so.",
    "text of null": "Now such a message is ignored.",
    "json": "Now it is sent as JSON;",
    "no data": "Now it is sent without a body.",
    "quotes in data": "any other string is a text template, and its result must be JSON.",
    "failing api": "``response.status`` is 0 for no answer, ``response.error`` says why",
    "one state": "Now a chat has one.",
    "deleted source state": "Now a handler that had only that state is disabled, and says why.",
    "deleted target state": "Now the handler answers and the chat stays where it is.",
    "press without message": "also one that comes without its message.",
    "once": "Now an update is stored once and answered once.",
    "limits": "Now today's limits count: 1,000 on Kik, five messages a call; 2,000 on Messenger.",
    "plain": "Now people there get plain text: tags are dropped,",
    "spread": "Now they are spread over further messages (Kik, Messenger);",
    "cards": "Now up to three stand under the answer's text;",
    "odd events": "Now they are stored as ignored.",
    "blanks": "Now they are trimmed everywhere.",
    "refused links": "where Telegram refuses a button with such an address",
    "commands": "Now it is ``/start``, and a command for another bot is ignored.",
}
"""Name of a decision -> words that ``docs/differences.rst`` has about it."""


@dataclass(frozen=True)
class Decision:
    """How a step differs.

    Args:
        rows: the decisions that explain it.
        change: makes what is wanted now of what was recorded.
    """

    rows: tuple[str, ...]
    change: Change

    def applied_to(self, then: Seen) -> Seen:
        return self.change(then)


def quoted_once(then: Seen) -> Seen:
    return replace(
        then, sends=[{**send, "quotes": send["quotes"] if not at else None} for at, send in enumerate(then.sends)]
    )


def shown(**changes: Any) -> Change:
    """The first message differs in these."""
    return lambda then: replace(then, sends=[{**then.sends[0], **changes}, *then.sends[1:]])


def said(text: str, quotes: int | None, **more: Any) -> Change:
    """There is an answer, where the original gave none."""
    send = {"chat": "7", "text": text, "rows": [], "hides": True, "quotes": quotes, "html": True}
    return lambda then: replace(then, sends=[send], **more)


def silent(then: Seen) -> Seen:
    return replace(then, sends=[])


def moved(state: str) -> Change:
    row = {
        "provider": "telegram",
        "chat": "7",
        "user": "7",
        "state": state,
        "context": {"_start": {"pattern": {}, "response": {}}},
    }
    return lambda then: replace(then, states=[row])


def asked(path: str, body: str, *, text: str | None = None, quotes: int | None = None) -> Change:
    """The call to the user's API has this body; where ``quotes`` is given, there is an answer at all."""
    call = {"method": "POST", "path": path, "query": [], "body": body}

    def change(then: Seen) -> Seen:
        if quotes is not None:
            return said(text or "", quotes, calls=[call])(then)
        return replace(then if text is None else shown(text=text)(then), calls=[call])

    return change


def _button(*labels: str) -> list[tuple[str, str, None]]:
    return [(label, label, None) for label in labels]


def joined(text: str, buttons: list[Any]) -> Change:
    """One message, where the original cut it."""
    return lambda then: replace(then, sends=[{**then.sends[0], "text": text, "buttons": buttons}])


def untagged(then: Seen) -> Seen:
    """People on Kik and Messenger read no tags."""
    texts = [send["text"] if "html" in send else re.sub("</?b>", "", send["text"]) for send in then.sends]
    return replace(then, sends=[{**send, "text": text} for send, text in zip(then.sends, texts, strict=True)])


_STRUCTURE = '{"a": "1", "l": [1, 2], "o": {"x": 1}, "n": null, "t": true}'

DECIDED: dict[tuple[str, int], Decision] = {
    ("keyboard on three providers", 0): Decision(("rows of buttons",), shown(rows=[_button("a", "b"), _button("c")])),
    ("keyboard flat and deep lists", 0): Decision(
        ("rows of buttons",), shown(rows=[_button("a"), _button("b", "c", "d")])
    ),
    ("backslash-n splits messages", 0): Decision(("quoting",), quoted_once),
    ("backslash-n at the ends", 0): Decision(("quoting",), quoted_once),
    ("text of 4097 characters without blanks", 0): Decision(("quoting",), quoted_once),
    ("telegram refuses the message", 0): Decision(("quoting",), quoted_once),
    ("split inside an HTML tag", 0): Decision(("tags", "quoting"), lambda then: _whole_tags(quoted_once(then))),
    ("keyboard renders blank", 0): Decision(("blank keyboard",), said("T", 157)),
    ("keyboard is an empty list", 0): Decision(("no buttons",), shown(hides=True)),
    ("keyboard injected by user text", 0): Decision(("keyboard injection",), shown(rows=[_button('a"],["b')])),
    ("undefined attribute of nothing", 0): Decision(("undefined",), moved("s")),
    ("state_context attribute before any state", 0): Decision(("undefined",), moved("detail")),
    ("html in user text", 0): Decision(("escaping",), shown(text="You said &lt;b&gt;hi")),
    **{
        (f"named group called {name}", 0): Decision(("group names",), said("x", quotes))
        for quotes, name in enumerate(("bot", "message", "service", "state_context", "self"), 183)
    },
    ("pattern not valid any more", 0): Decision(("broken pattern",), said("ok", 190)),
    ('text None and "None"', 0): Decision(("text of null",), silent),
    ("post", 0): Decision(("json",), asked("/u/created", '{"name": "bob", "n": 1}')),
    ("method Post echo", 0): Decision(
        ("json",), asked("/u/echo", _STRUCTURE, text=f"POST {_STRUCTURE} application/json")
    ),
    ("post data is a JSON list", 0): Decision(("json",), asked("/u/echo", '[["a", "b"]]', text='[["a", "b"]]')),
    ("post without data", 0): Decision(("no data",), asked("/u/echo", "", text="x", quotes=212)),
    ("post data with a quote from the user", 0): Decision(
        ("json", "quotes in data"), asked("/u/created", '{"name": "a\\"b"}', text="x", quotes=213)
    ),
    ("user api refuses the connection", 0): Decision(("failing api",), said("x", 224)),
    ("user api refuses the connection", 1): Decision(("failing api",), said("x", 225)),
    ("two chat states for one chat", 0): Decision(
        ("one state",), lambda then: said("x", 253, states=then.states[:1])(then)
    ),
    ("source state deleted, cache expired", 1): Decision(("deleted source state",), silent),
    ("target state deleted while cached", 1): Decision(("deleted target state",), said("x", 259)),
    ("callback query without message", 0): Decision(("press without message",), said("Hi", None)),
    ("duplicated update_id", 1): Decision(("once",), silent),
    ("duplicated update_id", 2): Decision(("once",), lambda then: replace(then, status=200)),
    ("command with bot name", 1): Decision(("commands",), said("welcome", 275)),
    ("kik text of 250 characters", 0): Decision(("limits",), joined("a" * 250, ["k"])),
    ("kik text in words", 0): Decision(("limits",), lambda then: joined(_whole(then), then.sends[-1]["buttons"])(then)),
    ("kik keyboard over 20", 1): Decision(("spread",), lambda then: _further(then, [f"m{n}" for n in range(20, 25)])),
    ("messenger keyboard and text of 60", 0): Decision(("cards",), joined("a" * 60, [("k", "k", None)])),
    ("messenger keyboard and long words", 0): Decision(
        ("limits", "cards"), lambda then: joined(_whole(then), [("k", "k", None)])(then)
    ),
    ("get", 1): Decision(("plain",), untagged),
    ("get", 2): Decision(("plain",), untagged),
    ("kik duplicated message", 1): Decision(("once",), silent),
    ("messenger delivery", 0): Decision(("odd events",), lambda then: replace(then, status=200)),
    ("hook, telegram disabled", 0): Decision(("plain",), untagged),
    ("hook one recipient fails", 0): Decision(
        ("plain", "rows of buttons", "refused links"), lambda then: _answering(untagged(_one_row(then)))
    ),
    ("surrounding blanks", 2): Decision(
        ("blanks",),
        lambda then: replace(then, sends=[{"chat": "psid", "text": "trimmed", "buttons": []}]),
    ),
    ("hook long text", 0): Decision(("limits",), lambda then: _whole_on_kik(then)),
}


def _whole_tags(then: Seen) -> Seen:
    """Each chunk has a bold text of its own. Telegram counts what is left without tags: 819 words are 4,094."""
    first, last = then.sends
    bold = ["<b>" + "word " * 818 + "word</b>", "<b>" + "word " * 81 + "</b>"]
    return replace(then, sends=[{**first, "text": bold[0]}, {**last, "text": bold[1]}])


def _whole(then: Seen) -> str:
    """Return the text that the original cut between words."""
    return " ".join(send["text"] for send in then.sends)


def _further(then: Seen, labels: list[str]) -> Seen:
    return replace(then, sends=[*then.sends, {**then.sends[-1], "text": "…", "buttons": labels}])


def _one_row(then: Seen) -> Seen:
    return replace(
        then,
        sends=[{**s, "rows": [[b for row in s["rows"] for b in row]]} if "rows" in s else s for s in then.sends],
    )


def _answering(then: Seen) -> Seen:
    """Telegram takes no button with the address http://x, whose host has no dot: it answers with it."""
    rows = [[(label, url or data, None) for label, data, url in row] for row in then.sends[0]["rows"]]
    return replace(then, sends=[{**send, "rows": rows} if "rows" in send else send for send in then.sends])


def _whole_on_kik(then: Seen) -> Seen:
    """The 50 words are one message; what comes behind backslash-n stays the next."""
    kik = [send for send in then.sends if "to" in send]
    words = {**kik[0], "text": " ".join(send["text"] for send in kik[:-1])}
    at = then.sends.index(kik[0])
    return replace(then, sends=[*then.sends[:at], words, *then.sends[at + len(kik) - 1 :]])
