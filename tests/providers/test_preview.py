"""What a person sees of the calls a provider makes: nothing of an answer is lost on the way."""

from __future__ import annotations

import pytest

from permabots.models.registry import providers
from permabots.providers.base.contract import Provider
from permabots.values import Address, Answer, Button, DisplayedMessage, Payload

ADDRESS = Address("7", "7")
YES, SITE = Button("Yes", "y"), Button("Site", url="https://example.com/")


def preview(slug: str, answer: Answer) -> list[DisplayedMessage]:
    provider = providers()[slug]
    return [bubble for payload in provider.render(answer, ADDRESS) for bubble in provider.preview(payload)]


def test_telegram_shows_markup_and_rows() -> None:
    answer = Answer(("<b>one</b>", "two"), ((YES, SITE), (Button("No"),)))
    rows = ((Button("Yes", "y"), Button("Site", None, "https://example.com/")), (Button("No", "No"),))
    assert preview("telegram", answer) == [
        DisplayedMessage("<b>one</b>", (), True),
        DisplayedMessage("two", rows, True),
    ]


def test_telegram_shows_nothing_of_the_answer_to_a_press() -> None:
    payload = Payload("answerCallbackQuery", {"callback_query_id": "1"}, optional=True)
    assert providers()["telegram"].preview(payload) == []


def test_kik_shows_labels_in_a_row() -> None:
    answer = Answer(("<b>one</b>", "two"), ((YES,), (SITE,)))
    rows = ((Button("Yes", "Yes"), Button("Site", "Site")),)
    assert preview("kik", answer) == [DisplayedMessage("one"), DisplayedMessage("two", rows)]


def test_messenger_shows_a_few_buttons_below_the_text() -> None:
    answer = Answer(("<b>one</b>", "two"), ((YES, SITE),))
    rows = ((Button("Yes", "y"),), (Button("Site", None, "https://example.com/"),))
    assert preview("messenger", answer) == [DisplayedMessage("one"), DisplayedMessage("two", rows)]


def test_messenger_shows_more_buttons_on_cards() -> None:
    answer = Answer(("pick",), (tuple(Button(str(number)) for number in range(4)),))
    first, second = preview("messenger", answer)
    assert (first.text, second.text) == ("pick", "pick")
    assert [row[0].label for bubble in (first, second) for row in bubble.keyboard] == ["0", "1", "2", "3"]


@pytest.mark.parametrize(("optional", "texts"), [(False, ['{\n  "text": "é"\n}']), (True, [])])
def test_a_provider_that_says_nothing_of_it_shows_its_json(optional: bool, texts: list[str]) -> None:
    payload = Payload("send", {"text": "é"}, optional=optional)
    assert [bubble.text for bubble in Provider.preview(providers()["kik"], payload)] == texts
