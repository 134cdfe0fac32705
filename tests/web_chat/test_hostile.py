"""What people, authors, sites and APIs write is text in the page and in JSON: never markup or code."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client

from permabots.models import WebBot
from tests.factories import make_bot, make_handler
from tests.web_chat.signing import SECRET, signed
from tests.web_chat.talking import Person, make_chat, work

pytestmark = pytest.mark.django_db

# ruff: noqa: RUF001 - letters that look like others are what is tested
HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert&lpar;1&rpar;</script></svg>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<a href=javascript:alert(1)>x</a>",
    "<form action=https://evil.example><input name=password>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>*{background:url(https://evil.example)}</style>",
    '" onmouseover=alert(1) x="',
    "' autofocus onfocus=alert(1) x='",
    "` onclick=alert(1) `",
    "</li></ol><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "{{ 7 * 7 }}{% debug %}${alert(1)}",
    "javascript:alert(1)",
    "\u2028alert(1)\u2029",
    "\u202e<tpircs>\u202c",
    "\ufeff<script>alert(1)</script>",
    "＜script＞alert(1)＜/script＞",
    "<scr\u0000ipt>alert(1)</scr\u0000ipt>",
    "<script\u000c>alert(1)</script\u000c>",
    "<b onclick=alert(1)>bold</b>",
    "<u style='x:expression(alert(1))'>u</u>",
]
ADDRESSES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    " javascript:alert(1)",
    "\x01javascript:alert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "blob:https://shop.example/1",
    "file:///etc/passwd",
    "view-source:https://shop.example",
    "//evil.example/x",
    "/admin/",
    "?identity=x",
    "http:evil",
    "tel",
]
SAFE_TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "link",
    "body",
    "a",
    "header",
    "h1",
    "details",
    "summary",
    "button",
    "main",
    "p",
} | {"ol", "div", "li", "span", "time", "form", "input", "label", "textarea", "script", "noscript", "section"}


class Page(HTMLParser):
    """What a browser makes of a page: its tags, the attributes that run something, the addresses, the text."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.running: list[str] = []
        self.addresses: list[str] = []
        self.scripts: list[dict[str, str | None]] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.running += [name for name, _ in attrs if name.startswith("on") or name in {"style", "srcdoc"}]
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src", "action", "formaction"}]
        if tag == "script":
            self.scripts.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(person: Person) -> Page:
    """Return the page as somebody without JavaScript sees it, and check that nothing of it runs."""
    client = Client(headers={"Sec-Fetch-Dest": "document"})
    client.cookies[f"permabots-chat-{person.chat.slug}"] = person.token
    answer = client.get(person.address)
    assert answer.status_code == 200
    page = Page(answer.content.decode())
    assert not page.running
    assert {*page.tags} - SAFE_TAGS - STYLED == set()
    assert all(it.get("src", "").startswith("/static/") or it.get("type") == "application/json" for it in page.scripts)
    assert all(address.startswith(("/", "?", "#", "https://shop.example/")) for address in page.addresses)
    return page


STYLED = {"strong", "em", "u", "s", "code", "pre", "blockquote", "b", "i", "del", "ins", "br", "mark"}
"""How a page shows the styles of a text."""


def flat(text: str) -> str:
    """Return a text without what a page may show differently: blanks, and what no database keeps."""
    return "".join(it for it in text if not it.isspace() and it not in "\0\ufffd")


def said_by_bot(person: Person) -> str:
    return "".join(run["text"] for run in person.see()[-1]["runs"])


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_person_writes_is_text(text: str) -> None:
    bot = make_bot()
    make_handler(bot, r"(?s).*", "You said: {{ message.text }}", keyboard="[[{{ message.text|tojson }}]]")
    person = Person(make_chat(bot))
    person.say(text)
    work()
    mine, answer = person.see()
    assert flat(mine["text"]) == flat(text)
    assert flat(said_by_bot(person)) == flat("You said: " + text)
    assert [run for run in answer["runs"] if {*run} - {"text"}] == []
    assert flat(answer["keyboard"][0][0]["label"]) == flat(text[:80])
    assert flat(text) in flat(page_of(person).text)


@pytest.mark.parametrize("text", HOSTILE)
def test_the_names_that_a_site_signs_and_an_author_writes_are_text(text: str) -> None:
    bot = make_bot()
    make_handler(bot, "hello", "Hi {{ message.name }}")
    written = text.replace("\x00", "")  # the API and the admin refuse it
    chat = make_chat(bot, identity="optional", identity_secret=SECRET, title=written[:80], greeting=written)
    WebBot.objects.filter(pk=chat.pk).update(consent_text="")
    person = Person(chat)
    assert person.post(text="hello", identity=signed(chat, name=text[:100])).status_code == 202
    work()
    assert flat(said_by_bot(person)) == flat("Hi " + text[:100])
    assert flat(written[:80]) in flat(page_of(person).text)


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_no_page_should_open_is_text(address: str) -> None:
    bot = make_bot()
    make_handler(bot, r"(?s).*", '<a href="{{ message.text }}">press</a>', keyboard="[[{{ message.text|tojson }}]]")
    person = Person(make_chat(bot))
    person.say(address)
    work()
    answer = person.see()[-1]
    assert [run for run in answer["runs"] if "link" in run] == []
    assert [it for row in answer["keyboard"] for it in row if "url" in it] == []
    page_of(person)


def test_an_address_that_a_page_may_open_is_a_link_that_gives_nothing_away() -> None:
    bot = make_bot()
    make_handler(bot, "link", '<a href="https://shop.example/a?b=1&amp;c=%22">press</a>')
    person = Person(make_chat(bot))
    person.say("link")
    work()
    assert person.see()[-1]["runs"][0]["link"] == "https://shop.example/a?b=1&c=%22"
    assert "https://shop.example/a?b=1&c=%22" in page_of(person).addresses


@contextmanager
def api(body: Any) -> Iterator[str]:
    """An author's API that answers something."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_an_api_answers_is_text(settings: Any) -> None:
    settings.PERMABOTS = {**getattr(settings, "PERMABOTS", {}), "REQUEST_ALLOWED_HOSTS": ["127.0.0.1"]}
    bot = make_bot()
    with api({"texts": HOSTILE, "urls": ADDRESSES}) as url:
        written = "{% for it in response.data.texts %}{{ it }}\n{% endfor %}"
        rows = "[{% for it in response.data.texts + response.data.urls %}[{{ it|tojson }}],{% endfor %}]"
        make_handler(bot, "hello", written, keyboard=rows, request={"url_template": url, "method": "Get"})
        person = Person(make_chat(bot))
        person.say("hello")
        work()
    answers = person.see(after=1)
    assert [run for it in answers for run in it["runs"] if {*run} - {"text"}] == []
    buttons = [it for answer in answers for row in answer["keyboard"] for it in row]
    assert len(buttons) == len(HOSTILE) + len(ADDRESSES)
    assert [it for it in buttons if "url" in it] == []
    page_of(person)


def test_what_the_page_says_of_itself_to_its_script_ends_no_script() -> None:
    chat = make_chat(title="</script><script>alert(1)</script>", consent_text="</script><img src=x onerror=alert(1)>")
    source = (
        Client().get(f"/chat/{chat.slug}/?start=</script><script>alert(2)</script>&lang=</script>").content.decode()
    )
    assert source.count("</script>") == source.count("<script")
    page = Page(source)
    assert not page.running
    assert "img" not in page.tags


@pytest.mark.parametrize(
    "page",
    [
        "javascript:alert(1)",
        "https://user:secret@shop.example/a?token=1#b",
        "ftp://x/",
        "//x",
        7,
        "https://",
        "x" * 600,
    ],
)
def test_the_address_of_the_page_around_is_kept_without_what_may_be_secret(page: Any) -> None:
    bot = make_bot()
    make_handler(bot, "hello", "{{ message.page }}.")
    person = Person(make_chat(bot))
    assert person.post(text="hello", page=page).status_code == 202
    work()
    assert said_by_bot(person) in {".", "https://shop.example/a."}
