"""Whatever is rendered keeps Messenger's limits, and nothing is lost."""

from __future__ import annotations

from itertools import chain

from hypothesis import example, given
from hypothesis import strategies as st

from permabots.providers.base.markup import plain
from permabots.providers.base.splitting import length, shows
from permabots.values import Answer, Button, Json, Keyboard, storable
from tests.providers.markup_texts import any_markup
from tests.providers.messenger.rendering import MESSENGER, messages, template

BUTTONS = st.builds(
    Button,
    st.text(max_size=30) | st.sampled_from(["label", "👨\u200d👩\u200d👧" * 3, "\ud83d"]),
    st.none() | st.text(max_size=20) | st.sampled_from(["x" * 1001, "ü" * 501, "kept:" + "A" * 32]),
    st.none() | st.sampled_from(["https://example.com", "mailto:a@example.com", ""]),
)
KEYBOARDS = st.lists(st.lists(BUTTONS, max_size=12).map(tuple), max_size=8).map(tuple)
TEXTS = st.lists(any_markup() | st.integers(0, 900).map("ünï 👍 ".__mul__), min_size=1, max_size=3).map(tuple)


def check_limits(message: Json) -> None:
    if "text" in message:
        assert 0 < length(message["text"], "utf16") <= 2000
        return
    shown = template(message)
    if shown["template_type"] == "button":
        assert 0 < length(shown["text"], "utf16") <= 640
        check_buttons(shown["buttons"])
        return
    assert 1 <= len(shown["elements"]) <= 10
    for card in shown["elements"]:
        assert 0 < length(card["title"], "utf16") <= 80
        assert card["title"].strip()
        check_buttons(card["buttons"])


def check_buttons(buttons: list[Json]) -> None:
    assert 1 <= len(buttons) <= 3
    for button in buttons:
        assert button["title"].strip()
        assert length(button["title"], "utf16") <= 20
        if button["type"] == "web_url":
            assert button["url"].startswith("https://")
        else:
            assert 0 < len(button["payload"].encode()) <= 1000
            assert button["payload"].strip()


def sent_texts(sent: list[Json]) -> list[str]:
    """Return what is read from top to bottom; the title of cards once."""
    texts = [message["text"] for message in sent if "text" in message]
    templates = [template(message) for message in sent if "attachment" in message]
    return texts + [shown.get("text") or shown["elements"][0]["title"] for shown in templates[:1]]


def sent_buttons(sent: list[Json]) -> list[Json]:
    templates = [template(message) for message in sent if "attachment" in message]
    cards = chain.from_iterable(shown.get("elements", [shown]) for shown in templates)
    return [button for card in cards for button in card["buttons"]]


def squeezed(texts: list[str]) -> str:
    """Return the visible characters: a part without one is not sent."""
    return "".join(filter(shows, "".join(texts)))


@given(TEXTS, KEYBOARDS)
@example(("\u200d",), ())
def test_nothing_is_over_a_limit_nothing_is_lost_and_order_is_kept(texts: tuple[str, ...], keyboard: Keyboard) -> None:
    sent = messages(Answer(texts, keyboard))
    for message in sent:
        check_limits(message)
    meant = [storable(plain(text)) for text in texts]
    assert squeezed(sent_texts(sent)) == squeezed(meant)
    assert sent_buttons(sent) == (MESSENGER.keyboard(keyboard) if sent else [])
    assert ["attachment" in message for message in sent] == sorted("attachment" in message for message in sent)
