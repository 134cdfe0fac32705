"""The page of a web chat as a browser without JavaScript uses it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from permabots.models import InboundMessage, WebBot, WebMessage, WebSession, WebVisitor
from tests.web_chat.talking import Person, make_chat, work

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


class Reader(Person):
    """Somebody whose browser has no JavaScript."""

    def open(self, query: str = "", **headers: str) -> Any:
        """Open the page."""
        return self.client.get(self.address + query, headers=headers)

    def send(self, **fields: str) -> Any:
        """Send the form of the page that is open, and return the answer."""
        return self.client.post(self.address, fields, headers={"Sec-Fetch-Site": "same-origin"})

    def read(self) -> str:
        """Return the page."""
        return str(self.open().content.decode())

    def cookie(self) -> Any:
        return self.client.cookies.get(f"permabots-chat-{self.chat.slug}")


def shown(page: str) -> list[str]:
    """Return the texts of messages."""
    return re.findall(r'<div class="pb-text" dir="auto" id="pb-text-\d+">(.*?)</div>', page, re.DOTALL)


def make(**values: Any) -> WebBot:
    """A chat with these values."""
    chat = make_chat()
    WebBot.objects.filter(pk=chat.pk).update(**values)
    chat.refresh_from_db()
    return chat


def test_looking_stores_nothing() -> None:
    reader = Reader(make(greeting="Welcome"))
    page = reader.open()
    assert page.status_code == 200
    assert not page.cookies
    assert "Welcome" in page.content.decode()
    assert not WebVisitor.objects.exists()
    assert not WebSession.objects.exists()


def test_a_text_is_sent_by_the_form_and_answered_on_the_page() -> None:
    reader = Reader(make())
    answer = reader.send(text="hello")
    assert answer.status_code == 302
    assert '<noscript><meta http-equiv="refresh" content="3; url=?lang=en&amp;said=1#pb-newest">' in reader.read()
    work()
    page = reader.read()
    assert shown(page) == ["hello", "Hi"]
    assert "http-equiv" not in page


def test_the_cookie_is_only_for_the_server_and_this_page() -> None:
    reader = Reader(make())
    reader.send(text="hello")
    cookie = reader.cookie()
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"], cookie["secure"]) == ("Lax", reader.address, "")


def test_over_https_no_other_host_can_set_the_cookie() -> None:
    reader = Reader(make())
    reader.client.post(reader.address, {"text": "hello"}, headers={"Sec-Fetch-Site": "same-origin"}, secure=True)
    cookie = reader.client.cookies[f"__Host-permabots-chat-{reader.chat.slug}"]
    assert (cookie["path"], cookie["secure"], cookie["domain"]) == ("/", True, "")


def test_a_button_is_pressed_and_shown_as_pressed() -> None:
    reader = Reader(make())
    reader.send(text="hello")
    work()
    assert 'name="press" value="2.0.1">two</button>' in reader.read()
    assert reader.send(press="2.0.1", text="").status_code == 302
    page = reader.read()
    assert shown(page)[-1] == "two"
    assert 'value="2.0.1" aria-pressed="true">' in page
    assert page.count("aria-pressed") == 1


@pytest.mark.parametrize("press", ["9.0.0", "2.0.9"])
def test_a_button_that_is_not_there_is_refused_in_words(press: str) -> None:
    reader = Reader(make())
    reader.send(text="hello")
    work()
    answer = reader.send(press=press)
    assert answer.status_code == 404
    assert "This button is gone." in answer.content.decode()


@pytest.mark.parametrize("press", ["2", "2.0", "2.0.x", "2.0.-1", "2.0.99999999999"])
def test_a_press_that_is_none_is_refused_in_words(press: str) -> None:
    reader = Reader(make())
    answer = reader.send(press=press)
    assert answer.status_code == 400
    assert "could not be understood" in answer.content.decode()


def test_the_same_form_sent_twice_is_one_message() -> None:
    reader = Reader(make())
    reader.send(text="hello")
    form = re.search(r'name="id" value="([^"]+)"', reader.read())
    assert form
    for _ in range(2):
        reader.send(id=form[1], text="again")
    reader.send(id=form[1], text="something else")
    assert InboundMessage.objects.count() == 3


def test_what_another_site_sends_is_refused() -> None:
    reader = Reader(make())
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        assert reader.client.post(reader.address, {"text": "hello"}, headers=headers).status_code == 403
    assert not WebMessage.objects.exists()


def test_an_older_browser_tells_its_origin() -> None:
    reader = Reader(make())
    headers = {"Origin": "http://testserver"}
    assert reader.client.post(reader.address, {"text": "hello"}, headers=headers).status_code == 302


def test_the_conversation_is_shown_to_who_follows_a_link_and_in_no_frame() -> None:
    reader = Reader(make())
    reader.send(text="hello")
    linked = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert shown(reader.open(**linked, **{"Sec-Fetch-Dest": "document"}).content.decode()) == ["hello"]
    assert shown(reader.open(**linked, **{"Sec-Fetch-Dest": "iframe"}).content.decode()) == []


def test_start_says_start_and_what_the_link_adds() -> None:
    reader = Reader(make())
    page = reader.open("?start=promo").content.decode()
    assert 'name="start"' in page
    assert 'name="payload" value="promo"' in page
    reader.send(start="1", payload="promo", text="")
    assert InboundMessage.objects.get().text == "/start promo"


@pytest.mark.parametrize("added", ["a b", "<b>", "x" * 65])
def test_what_telegram_would_not_add_is_left_out(added: str) -> None:
    reader = Reader(make())
    reader.send(start="1", payload=added)
    assert InboundMessage.objects.get().text == "/start"


def test_consent_is_asked_for_at_the_first_send_and_the_text_is_kept() -> None:
    reader = Reader(make(consent_text="We keep what you write."))
    asked = reader.send(text="hello").content.decode()
    assert "We keep what you write." in asked
    assert ">hello</textarea>" in asked
    assert not WebVisitor.objects.exists()
    assert reader.send(text="hello", consent="yes").status_code == 302
    assert WebVisitor.objects.get().consent["text"] == "We keep what you write."
    assert reader.send(text="more").status_code == 302


def test_a_consent_to_other_words_is_asked_for_anew() -> None:
    reader = Reader(make(consent_text="One"))
    reader.send(text="hello", consent="yes")
    WebBot.objects.update(consent_text="Two")
    assert "Two" in reader.send(text="hello").content.decode()
    assert WebMessage.objects.count() == 1


def test_who_wants_to_be_forgotten_is_asked_and_forgotten() -> None:
    reader = Reader(make())
    reader.send(text="hello")
    assert "Delete this conversation" in reader.send(forget="ask").content.decode()
    assert WebVisitor.objects.exists()
    answer = reader.send(forget="yes")
    assert not WebVisitor.objects.exists()
    assert not reader.cookie().value
    assert "has been deleted" in reader.client.get(answer.url).content.decode()


def test_a_conversation_that_has_ended_is_told_and_the_text_is_kept() -> None:
    reader = Reader(make())
    reader.send(text="hello")
    WebSession.objects.all().delete()
    answer = reader.send(text="are you there?")
    assert answer.status_code == 401
    assert "This conversation has ended" in answer.content.decode()
    assert ">are you there?</textarea>" in answer.content.decode()
    assert reader.send(text="are you there?").status_code == 302


def test_a_browser_that_keeps_no_cookie_is_told() -> None:
    reader = Reader(make())
    address = reader.send(text="hello").url
    reader.client.cookies.clear()
    assert "needs a cookie" in reader.client.get(address).content.decode()


def test_a_text_that_is_too_long_is_refused_in_words() -> None:
    reader = Reader(make())
    answer = reader.send(text="x" * 4001)
    assert answer.status_code == 413
    assert "4000 characters at most" in answer.content.decode()
    assert reader.send(text="x" * 70_000).status_code == 413


def test_4000_characters_of_any_kind_are_taken() -> None:
    reader = Reader(make())
    assert reader.send(text="\U0001f600" * 4000).status_code == 302


def test_too_many_messages_are_refused_with_the_time_to_wait() -> None:
    reader = Reader(make())
    answers = []
    for number in range(21):
        answers.append(reader.send(text=f"{number}"))
        work()
    assert [it.status_code for it in answers] == [302] * 20 + [429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 61
    assert "Too many messages" in answers[-1].content.decode()


def test_earlier_messages_are_a_page_before() -> None:
    reader = Reader(make())
    reader.say("first")
    reader.client.cookies[f"permabots-chat-{reader.chat.slug}"] = reader.token
    visitor = WebVisitor.objects.get()
    for number in range(59):
        WebVisitor.objects.append(visitor.pk, "person", {"text": f"t{number}"}, f"k{number}")
    page = reader.read()
    assert len(shown(page)) == 50
    assert "?before=11&" in page
    assert shown(reader.open("?before=11").content.decode())[0] == "first"


@pytest.mark.parametrize("query", ["?before=x", "?before=-1"])
def test_a_number_that_is_none_is_refused(query: str) -> None:
    assert Reader(make()).open(query).status_code == 400


def test_there_is_no_page_of_no_chat() -> None:
    reader = Reader(make())
    reader.address = "/chat/nothing/"
    answer = reader.open()
    assert answer.status_code == 404
    assert "There is no such chat." in answer.content.decode()
    assert answer["Content-Type"].startswith("text/html")


def test_a_page_that_waits_for_long_is_loaded_anew_less_often() -> None:
    reader = Reader(make())
    reader.send(text="hello")
    assert 'content="3; url=?lang=en&amp;said=40#' in reader.open("?said=39").content.decode()
    assert 'content="30; url=?lang=en&amp;said=41#' in reader.open("?said=40").content.decode()
    assert "said=1#" in reader.open("?said=x").content.decode()
