"""The pages of a bot's versions, and of the bot as a document."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission

from permabots.models import Bot
from permabots.pipeline.authoring import documents
from tests.admin.conftest import Browser
from tests.pipeline.test_documents import DOCUMENT

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(bot: Bot) -> Bot:
    documents.apply(bot, DOCUMENT)
    return Bot.objects.get(pk=bot.pk)


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found
    return found[1]


def test_a_change_is_taken_back_once_its_plan_was_seen(owner: Browser, shop: Bot) -> None:
    number = shop.versions.count()
    shop.handlers.update(pattern="bad")
    assert "pattern: &#x27;^ask$&#x27; -&gt; &#x27;bad&#x27;" in owner.read("bot_versions", shop.pk)
    plan = owner.post("bot_versions", shop.pk, number=number).content.decode()
    assert "pattern: &#x27;bad&#x27; -&gt; &#x27;^ask$&#x27;" in plan
    assert shop.handlers.get().pattern == "bad"
    answer = owner.post("bot_versions", shop.pk, number=number, seen=seen(plan), apply="1")
    assert answer.status_code == 302
    assert shop.handlers.get().pattern == "^ask$"


def test_what_was_changed_since_is_seen_first(owner: Browser, shop: Bot) -> None:
    changed = {**DOCUMENT, "handlers": []}
    plan = owner.post("bot_document", shop.pk, document=documents.dumps(changed)).content.decode()
    shop.handlers.update(pattern="another author")
    page = owner.post("bot_document", shop.pk, document=documents.dumps(changed), seen=seen(plan), apply="1")
    assert "What you have seen is not what would be changed now" in page.content.decode()
    assert shop.handlers.get().pattern == "another author"
    now = seen(page.content.decode())
    owner.post("bot_document", shop.pk, document=documents.dumps(changed), seen=now, apply="1")
    assert not shop.handlers.exists()


@pytest.mark.parametrize("form", documents.FORMS)
def test_the_bot_is_edited_as_a_document(owner: Browser, shop: Bot, form: str) -> None:
    text = documents.dumps(documents.export(shop), form).replace("^ask$", "^changed$").replace("\n", "\r\n")
    plan = owner.post("bot_document", shop.pk, document=text).content.decode()
    assert "pattern: &#x27;^ask$&#x27; -&gt; &#x27;^changed$&#x27;" in plan
    owner.post("bot_document", shop.pk, document=text, seen=seen(plan), apply="1")
    assert shop.handlers.get().pattern == "^changed$"


def test_an_error_is_told_and_the_text_is_kept(owner: Browser, shop: Bot) -> None:
    page = owner.post("bot_document", shop.pk, document="format: permabots.bot\nversion: [").content.decode()
    assert "The document cannot be read" in page
    assert "version: [" in page
    assert shop.handlers.exists()


def test_the_page_shows_the_document_without_secrets(owner: Browser, shop: Bot) -> None:
    token = shop.env_vars.get(key="token")
    token.value = "s3cret"
    token.save()
    page = owner.read("bot_document", shop.pk)
    assert "name: Small" in page
    assert "s3cret" not in page + owner.read("bot_versions", shop.pk)


def test_somebody_elses_bot_has_no_such_pages(stranger: Browser, shop: Bot) -> None:
    for name in ("bot_versions", "bot_document"):
        assert stranger.get(name, shop.pk).status_code == 404
        assert stranger.post(name, shop.pk, number="1", document=documents.dumps(DOCUMENT)).status_code == 404
    assert shop.handlers.exists()


# Found by somebody who tried to break it.


def test_a_text_that_is_not_the_one_whose_plan_was_seen_is_not_applied(owner: Browser, shop: Bot) -> None:
    plan = owner.post("bot_document", shop.pk, document=documents.dumps({**DOCUMENT, "tests": []})).content.decode()
    emptied = documents.dumps({**DOCUMENT, "handlers": []})
    page = owner.post("bot_document", shop.pk, document=emptied, seen=seen(plan), apply="1")
    assert "Look again" in page.content.decode()
    assert shop.handlers.exists()


def test_no_value_is_written_to_the_log_of_the_admin(owner: Browser, shop: Bot) -> None:
    text = documents.dumps(documents.export(shop)).replace("Corner", "C0rner")
    plan = owner.post("bot_document", shop.pk, document=text).content.decode()
    assert "C0rner" in plan
    owner.post("bot_document", shop.pk, document=text, seen=seen(plan), apply="1")
    logged = "".join(LogEntry.objects.values_list("change_message", flat=True))
    assert 'changed variable \\"shop\\"' in logged or 'changed variable "shop"' in logged
    assert "C0rner" not in logged


@pytest.mark.parametrize("missing", ["delete_handler", "add_state", "change_environmentvar", "delete_hook"])
def test_who_may_not_change_each_part_changes_none_by_a_document(owner: Browser, shop: Bot, missing: str) -> None:
    user = shop.owner
    user.is_superuser = False
    user.save()
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="permabots"))
    assert owner.post("bot_document", shop.pk, document=documents.dumps(DOCUMENT)).status_code == 200
    user.user_permissions.remove(Permission.objects.get(codename=missing))
    assert owner.post("bot_document", shop.pk, document=documents.dumps(DOCUMENT)).status_code == 403
    user.user_permissions.remove(Permission.objects.get(codename="view_environmentvar"))
    user.user_permissions.remove(*Permission.objects.filter(codename="change_environmentvar"))
    for name in ("bot_document", "bot_versions"):
        assert owner.get(name, shop.pk).status_code == 403


def test_a_number_of_any_length_is_none(owner: Browser, shop: Bot) -> None:
    assert owner.post("bot_versions", shop.pk, number="9" * 5000).status_code == 200
