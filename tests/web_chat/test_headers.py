"""What browsers may do with answers of the web chat: what a page needs, in frames of the sites that it names."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.test import Client

from permabots.models import WebBot
from permabots.page_headers import DATA_POLICY, chat_policy
from tests.web_chat.talking import Person, make_chat, work

pytestmark = pytest.mark.django_db

SITES = ["https://shop.example", "http://localhost:8001"]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'{}; require-trusted-types-for 'script'"
)


@pytest.fixture
def chat() -> WebBot:
    return make_chat(origins=SITES)


@pytest.fixture(params=["with", "without"])
def middleware(request: pytest.FixtureRequest, settings: Any) -> None:
    """A project with Django's middleware for such headers, and one without."""
    if request.param == "without":
        gone = ("django.middleware.security.", "django.middleware.clickjacking.")
        settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.startswith(gone)]


def policy(*sites: str) -> str:
    return POLICY.format("".join(f" {site}" for site in sites))


@pytest.mark.parametrize("query", ["", "?frame=1"])
def test_a_page_may_be_framed_by_the_sites_of_its_chat_only(query: str, chat: WebBot, middleware: None) -> None:
    headers = Client().get(f"/chat/{chat.slug}/{query}").headers
    assert headers["Content-Security-Policy"] == policy(*SITES)
    assert "X-Frame-Options" not in headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in headers["Cache-Control"]


def test_a_chat_that_names_no_site_is_framed_by_its_own_only() -> None:
    chat = make_chat()
    assert Client().get(f"/chat/{chat.slug}/").headers["Content-Security-Policy"] == policy()


def test_a_page_that_is_not_there_is_framed_by_its_own_site_only(middleware: None) -> None:
    answer = Client().get("/chat/nobody-has-this/")
    assert answer.status_code == 404
    assert answer.headers["Content-Security-Policy"] == policy()


def test_a_refusal_of_the_form_has_the_headers_of_the_page(chat: WebBot, middleware: None) -> None:
    answer = Client().post(f"/chat/{chat.slug}/", {"text": ""}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert answer.headers["Content-Security-Policy"] == policy(*SITES)


@pytest.mark.parametrize(
    "site",
    ["https://a.example; script-src *", "https://a.example 'unsafe-inline'", "*", "'none'", "https://*", 7],
)
def test_what_is_no_site_does_not_reach_the_policy(site: Any) -> None:
    chat = make_chat()
    WebBot.objects.filter(pk=chat.pk).update(origins=[site, "https://shop.example"])
    headers = Client().get(f"/chat/{chat.slug}/").headers
    assert headers["Content-Security-Policy"] == policy("https://shop.example")


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("/static/", ""),
        ("static/", ""),
        ("https://cdn.example/static/", " https://cdn.example"),
        ("https://cdn.example:8443/", " https://cdn.example:8443"),
        ("//cdn.example/static/", " cdn.example"),
    ],
)
def test_scripts_and_styles_may_come_from_where_static_files_are(address: str, source: str, settings: Any) -> None:
    settings.STATIC_URL = address
    assert f"script-src 'self'{source}; style-src 'self'{source}; img-src 'self';" in chat_policy([])


def test_answers_in_json_load_nothing_and_are_in_no_frame(chat: WebBot, middleware: None) -> None:
    person = Person(chat)
    answers = [person.post(text="hello"), person.call("GET", "messages/"), person.call("GET", "messages/?after=1")]
    work()
    answers += [person.call("GET", "messages/?after=1"), person.call("PUT", "messages/"), Person(chat).post(text="")]
    answers += [Person(chat).call("GET", "messages/"), person.call("DELETE", "session/")]
    assert [answer.status_code for answer in answers] == [202, 200, 204, 200, 405, 400, 401, 204]
    for answer in answers:
        assert answer.headers["Content-Security-Policy"] == DATA_POLICY
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer.headers["Cache-Control"]


# --- the launcher -----------------------------------------------------------------------------------------------------


def test_the_launcher_is_a_small_script_that_any_site_may_load_and_keep_for_a_while(middleware: None) -> None:
    answer = Client().get("/chat/launcher.js")
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=600"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert not answer.cookies
    assert "Vary" not in answer.headers
    assert len(gzip.compress(answer.content, 9)) <= 2048


def test_the_launcher_is_asked_for_again_by_its_digest() -> None:
    first = Client().get("/chat/launcher.js")
    again = Client(headers={"If-None-Match": first.headers["ETag"]}).get("/chat/launcher.js")
    assert (again.status_code, again.content) == (304, b"")
    assert Client().post("/chat/launcher.js").status_code == 405


def test_the_launcher_writes_no_markup_and_runs_no_text() -> None:
    source = Client().get("/chat/launcher.js").content.decode()
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "Function(",
        'setAttribute("style',
    ):
        assert word not in source
