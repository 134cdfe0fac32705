"""What a provider makes of an answer: nothing is lost, nothing is out of order, nothing is too long."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from permabots.providers.base import callback_tokens
from permabots.providers.base.markup import plain
from permabots.providers.base.splitting import length
from permabots.testing.contract.expected import Shown
from permabots.testing.contract.suite import Suite
from permabots.values import Address, Answer, Button, Keyboard, Kind, Payload

MANY = 51
"""Buttons of a keyboard that is more than large."""
LONG_LABEL = 300
LONG_DATA = 3000
UNSTORABLE = "a\x00b\ud83d"
TEXTS = ("first", "second", "third")


class Rendering(Suite):
    """Rendering."""

    def test_an_answer_without_text_gives_no_payload(self) -> None:
        for answer in (Answer(), Answer((), ((Button("x", data="x"),),)), Answer((" ", "\n"))):
            self.check(self._render(answer) == [], f"{answer} gives a payload")

    def test_every_text_is_a_message_and_they_keep_their_order(self) -> None:
        for answer in (Answer(TEXTS[:1]), Answer(TEXTS), Answer(TEXTS, _rows(3))):
            shown = self._shown(answer)
            self.check(tuple(one.text for one in shown) == answer.texts, f"{answer.texts} shows as {shown}")
            self.check({one.chat_id for one in shown} == {self.chat_id}, "a payload goes to another chat")

    def test_a_long_text_is_cut_to_the_limit_and_none_of_it_is_lost(self) -> None:
        limits = self.provider.limits
        for markup in _long_texts(limits.text):
            shown = self._shown(Answer((markup, "last")))
            self.check(len(shown) > 2, "a text longer than the limit is one message")
            for one in shown:
                size = length(one.text, limits.unit)
                self.check(0 < size <= limits.text, f"a part of {size} {limits.unit}, the limit is {limits.text}")
            told = "".join(one.text for one in shown)
            self.check(_squeezed(told) == _squeezed(plain(markup) + "last"), f"some of {markup[:30]!r}… is lost")

    def test_the_keyboard_is_on_the_last_message(self) -> None:
        rows = _rows(3)
        for texts in (TEXTS[:1], TEXTS, ("word " * self.provider.limits.text,)):
            shown = self._shown(Answer(texts, rows))
            self.check(not any(one.rows for one in shown[:-1]), "an earlier message has buttons")
            wanted = [(button.label, self._meant(button)) for row in rows for button in row]
            found = [(button.label, button.data) for button in _buttons(shown)]
            self.check(found == wanted, f"{rows} shows as {shown[-1]}")

    def test_of_many_buttons_none_is_lost_and_no_limit_is_passed(self) -> None:
        for rows in (_rows(MANY), (tuple(button for row in _rows(MANY) for button in row),)):
            shown = self._shown(Answer(TEXTS, rows))
            wanted = [self._meant(button) for row in rows for button in row]
            found = [button.data for button in _buttons(shown)]
            self.check(
                found == wanted, f"of {len(wanted)} buttons in {len(rows)} rows, {len(found)} are shown in order"
            )
            told = [bool(one.rows) for one in shown]
            self.check(told == sorted(told), "a message without buttons comes after one with buttons")
            for one in shown:
                self._check_limits(one)

    def test_a_long_label_is_cut_and_means_the_same(self) -> None:
        button = Button("l" * LONG_LABEL, data="whole")
        (found,) = _buttons(self._shown(Answer(("text",), ((button,),))))
        limit = self.provider.limits.label or LONG_LABEL
        self.check(0 < len(found.label) <= limit, f"a label of {len(found.label)}, the limit is {limit}")
        self.check(found.data == self._meant(button), "a long label changes what its button means")

    def test_long_data_of_a_button_comes_back(self) -> None:
        if self.labels_come_back:
            return
        looks_like_a_token = callback_tokens.PREFIX + "A" * (callback_tokens.LENGTH - len(callback_tokens.PREFIX))
        for data in ("d" * LONG_DATA, "é" * LONG_DATA, looks_like_a_token):
            payloads = self._render(Answer(("text",), ((Button("x", data=data),),)))
            (found,) = _buttons([one for payload in payloads for one in self.shown(payload)])
            kept = {token: long for payload in payloads for token, long in payload.stored_callback_data.items()}
            self.check(found.data is not None and kept.get(found.data, found.data) == data, "long data is not kept")
            self._check_comes_back(found.data or "")

    def test_a_link_can_be_followed(self) -> None:
        if self.labels_come_back:
            return
        url = "https://shop.example.com/a?b=c&d=é"
        payloads = self._render(Answer(("text",), ((Button("Shop", url=url),),)))
        kept = [long for payload in payloads for long in payload.stored_callback_data.values()]
        told = [*_strings([dict(payload.body) for payload in payloads]), *kept]
        self.check(any(url in text for text in told), "a link's address is nowhere")

    def test_what_no_database_takes_is_not_in_a_payload(self) -> None:
        button = Button(UNSTORABLE, data=UNSTORABLE)
        link = Button(UNSTORABLE, url=f"https://example.com/{UNSTORABLE}")
        long = Button("x", data=UNSTORABLE * LONG_DATA)
        payloads = self._render(Answer((UNSTORABLE,), ((button, link, long),)))
        self.check(bool(payloads), "a text with odd characters gives no payload")
        for payload in payloads:
            self.check_json([payload.method, payload.body, payload.stored_callback_data], "a payload")
        self.check_json(self.build().keyboard(((button, link, long),)), "a keyboard")

    def test_another_chat_gets_the_same(self) -> None:
        provider = self.build()
        for payload in self._render(Answer(TEXTS, _rows(3))):
            before = json.dumps(payload.body)
            moved = provider.readdress(payload, self.other_chat_id)
            old, new = self.shown(payload), self.shown(moved)
            wanted = [replace(one, chat_id=self.other_chat_id) for one in old]
            self.check(new == wanted, f"readdressed, {old} is {new}")
            self.check(
                moved.stored_callback_data == payload.stored_callback_data and moved.method == payload.method,
                "readdressed, it is another call",
            )
            self.check(json.dumps(payload.body) == before, "readdressing changes the payload it is given")

    def test_a_payload_holds_no_credentials(self) -> None:
        for payload in self._render(Answer(TEXTS, _rows(3))):
            self.check_discreet(json.dumps(payload.body), "a payload")

    def _render(self, answer: Answer) -> list[Payload]:
        return self.build().render(answer, Address(self.chat_id, self.user_id, reply_to=""))

    def _shown(self, answer: Answer) -> list[Shown]:
        payloads = self._render(answer)
        for payload in payloads:
            self.check_json(payload.body, "a payload")
        return [one for payload in payloads for one in self.shown(payload)]

    def _meant(self, button: Button) -> str | None:
        """Return what comes back when a button is pressed."""
        return button.label if self.labels_come_back else button.data

    def _check_limits(self, shown: Shown) -> None:
        limits = self.provider.limits
        sizes = [len(row) for row in shown.rows]
        self.check(limits.row is None or max(sizes, default=0) <= limits.row, f"rows of {sizes} buttons")
        self.check(limits.buttons is None or sum(sizes) <= limits.buttons, f"{sum(sizes)} buttons in one message")
        for button in _buttons([shown]):
            self.check(limits.label is None or len(button.label) <= limits.label, f"the label {button.label!r}")
            size = len((button.data or "").encode())
            self.check(limits.data is None or size <= limits.data, f"{size} bytes of data in a button")

    def _check_comes_back(self, data: str) -> None:
        limit = self.provider.limits.data
        self.check(limit is None or len(data.encode()) <= limit, "a button's data is longer than the limit")
        sample = self.build().simulated_update(data, Kind.BUTTON, self.chat_id, self.user_id)
        (event,) = self.parse(json.dumps(sample).encode())
        self.check(event.text == data, "pressed, a button says something else")


def _rows(count: int) -> Keyboard:
    """Return buttons in rows of three."""
    buttons = [Button(f"Label {number}", data=f"data {number}") for number in range(count)]
    return tuple(tuple(buttons[start : start + 3]) for start in range(0, count, 3))


def _buttons(shown: Sequence[Shown]) -> list[Button]:
    return [button for one in shown for row in one.rows for button in row]


def _long_texts(limit: int) -> list[str]:
    """Return texts longer than two messages: words, one word, wide characters, lines, entities, tags."""
    return [
        "word " * (limit // 2),
        "x" * (2 * limit + 1),
        "😀" * (2 * limit + 1),
        "a line\n" * (limit // 2),
        "&lt;&amp;" * (limit + 1),
        f"<b>{'bold ' * (limit // 4)}<i>{'both ' * (limit // 3)}</i></b>",
    ]


def _squeezed(text: str) -> str:
    """Return a text without blanks: those at a cut may be lost."""
    return "".join(text.split())


def _strings(value: object) -> list[str]:
    """Return every text in a JSON value."""
    if isinstance(value, str):
        return [value]
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for item in inner for text in _strings(item)]
