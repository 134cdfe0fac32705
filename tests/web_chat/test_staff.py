"""Staff see in a web chat why the bot answered, and why it did not; nobody else sees any of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as project
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from permabots.models import Bot, InboundMessage
from permabots.views.chat import silence
from tests.admin.conftest import make_staff
from tests.factories import make_bot, make_handler, make_user
from tests.web_chat.talking import Person, make_chat, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Any:
    return make_staff("owner")


@pytest.fixture
def bot(owner: Any) -> Bot:
    bot = make_bot(owner=owner)
    make_handler(bot, "hello", "Hi", name="greet")
    return bot


@pytest.fixture
def person(bot: Bot) -> Person:
    return Person(make_chat(bot))


def as_user(person: Person, user: Any) -> Person:
    person.client.force_login(user)
    return person


def asked(person: Person, after: int = 0) -> Any:
    """What a page of the staff gets."""
    answer = person.call("GET", f"messages/?after={after}&why=1")
    return answer.json() if answer.status_code == 200 else {}


def told(person: Person, text: str) -> dict[str, str]:
    """Why nothing is answered to a text."""
    person.say(text)
    work()
    found: dict[str, str] = asked(person)["silence"]
    return found


def test_an_answer_has_a_link_to_its_trace(person: Person, owner: Any) -> None:
    as_user(person, owner).say("hello")
    work()
    mine, answer = asked(person)["messages"]
    assert "why" not in mine
    assert answer["why"]["words"] == "Why? The handler “greet” answered."
    page = person.client.get(answer["why"]["url"])
    assert page.status_code == 200
    assert "hello" in page.content.decode()
    assert asked(person)["silence"] is None


def test_a_text_that_no_handler_fits_leads_to_a_form_that_makes_one(person: Person, owner: Any) -> None:
    found = told(as_user(person, owner), "1+1 (please)")
    assert (found["words"], found["action"]) == ("No handler fits “1+1 (please)”.", "Make a handler for it")
    form = person.client.get(found["url"])
    assert form.status_code == 200
    values = {name: given[0] for name, given in parse_qs(urlsplit(found["url"]).query).items()}
    assert form.context["adminform"].form["pattern"].value() == values["pattern"]
    sent = {**values, "priority": "0", "enabled": "on", "text_template": "2", "method": "Get"}
    kinds = ("urlparam", "headerparam")
    forms = {f"{kind}-{name}": 0 for kind in kinds for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    assert person.client.post(found["url"], {**sent, **forms}).status_code == 302
    person.say("1+1 (PLEASE)")
    work()
    assert person.texts()[-1] == "b:2"


def test_somebody_who_may_make_no_handlers_sees_the_reason_alone(person: Person, owner: Any) -> None:
    owner.user_permissions.remove(Permission.objects.get(codename="add_handler"))
    assert told(as_user(person, owner), "what?") == {"words": "No handler fits “what?”.", "url": "", "action": ""}


def test_a_handler_that_says_nothing_is_named(person: Person, owner: Any, bot: Bot) -> None:
    make_handler(bot, "quiet", "{% if False %}x{% endif %}", name="hush")
    found = told(as_user(person, owner), "quiet")
    assert found["words"] == "The handler “hush” answers nothing."
    assert person.client.get(found["url"]).status_code == 200


def test_an_answer_that_failed_is_told_in_the_words_of_its_error(person: Person, owner: Any, bot: Bot) -> None:
    make_handler(bot, "(?P<word>broken)", "{{ pattern.word + 1 }}")
    found = told(as_user(person, owner), "broken")
    row = InboundMessage.objects.get()
    assert row.status == "failed"
    assert row.error in found["words"]
    assert found["action"] == "See the message"


def test_where_no_worker_works_it_is_told_how_to_start_one(
    person: Person, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_user(person, owner).say("hello")
    assert asked(person)["silence"] is None
    monkeypatch.setattr(silence, "SOON", 0.0)
    name = str(getattr(project, "SETTINGS_MODULE", "")).partition(".")[0]
    words = f"No worker has looked yet: start one with `celery -A {name} worker`."
    assert asked(person)["silence"] == {"words": words, "url": "", "action": ""}


def test_a_worker_that_lives_is_waited_for(person: Person, owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "SOON", 0.0)
    monkeypatch.setattr("permabots.models.WorkerHeartbeat.objects.age", lambda: 3.0)
    as_user(person, owner).say("hello")
    assert asked(person)["silence"] is None
    monkeypatch.setattr("permabots.models.WorkerHeartbeat.objects.age", lambda: 3600.0)
    assert asked(person)["silence"]["words"].startswith("No worker has looked for 3600 s:")


def test_staff_hears_why_even_where_nothing_is_new(person: Person, owner: Any) -> None:
    assert told(as_user(person, owner), "what?")
    assert asked(person, after=1) == {"messages": [], "pending": False, "silence": asked(person)["silence"]}


@pytest.mark.parametrize("who", ["nobody", "a person", "another author", "staff without a permission"])
def test_others_are_told_nothing(person: Person, owner: Any, who: str) -> None:
    users = {"a person": make_user, "another author": make_staff, "staff without a permission": lambda: owner}
    if who != "nobody":
        user = users[who]()
        if user == owner:
            owner.user_permissions.remove(Permission.objects.get(codename="view_inboundmessage"))
            owner.user_permissions.remove(Permission.objects.get(codename="change_inboundmessage"))
        as_user(person, user)
    person.say("hello")
    work()
    person.say("what?")
    work()
    with_why, without = person.call("GET", "messages/?after=0&why=1"), person.call("GET", "messages/?after=0")
    assert with_why.json() == without.json()
    assert "why" not in with_why.json()["messages"][1]
    assert person.call("GET", "messages/?after=3&why=1").status_code == 204


def test_a_page_that_asks_for_nothing_costs_nothing_more(person: Person, owner: Any) -> None:
    person.say("hello")
    work()

    def statements(query: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert person.call("GET", f"messages/?after=2{query}").status_code == 204
        return len(seen)

    idle = statements("")
    assert statements("&why=1") == 2  # without a session: the chat and the device, as any call that is no plain poll
    as_user(person, owner)
    assert statements("") == idle


def test_a_superuser_sees_why_in_everybodys_chats(person: Person) -> None:
    root = make_staff("root")
    root.is_superuser = True
    root.save()
    as_user(person, root).say("hello")
    work()
    assert "why" in asked(person)["messages"][1]


def test_a_project_without_the_admin_has_no_staff(person: Person, owner: Any, settings: Any) -> None:
    as_user(person, owner).say("hello")
    work()
    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if app != "django.contrib.admin"]
    assert "why" not in asked(person)["messages"][1]


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("hi", "(?i)^hi$"),
        (" a.b ", r"(?i)^a\.b$"),
        ("two\nlines", r"(?i)^two\nlines$"),
        (r"\d{2}", r"(?i)^\\d\{2\}$"),
        ("x" * 500, "(?i)^" + "x" * 244),
    ],
)
def test_a_pattern_is_made_of_a_text(text: str, pattern: str) -> None:
    assert silence.pattern_for(text) == pattern


def test_the_account_page_of_the_admin_says_what_to_hand_on(person: Person, owner: Any) -> None:
    client = Client()
    client.force_login(owner)
    page = client.get(f"/admin/permabots/webbot/{person.chat.pk}/change/").content.decode()
    assert f"/chat/{person.chat.slug}/" in page
    assert f"launcher.js&quot; data-bot=&quot;{person.chat.slug}&quot;&gt;&lt;/script&gt;" in page


def test_old_messages_tell_why_too(person: Person, owner: Any) -> None:
    as_user(person, owner).say("hello")
    work()
    assert "why" in person.call("GET", "messages/?before=3&why=1").json()["messages"][1]


def test_a_message_of_just_now_is_not_called_silent(person: Person, owner: Any) -> None:
    as_user(person, owner).say("hello")
    assert timedelta(seconds=silence.SOON) > timedelta(0)
    assert asked(person)["silence"] is None
