"""Look-ups in the address of a list: what Django cannot read, or what might run for hours, is refused."""

from __future__ import annotations

import pytest

from permabots.models import Bot
from tests.admin.conftest import Browser, url

pytestmark = [pytest.mark.django_db]


@pytest.mark.parametrize(
    ("table", "query"),
    [
        ("bot", "name__regex=(a%2B)%2B$"),
        ("bot", "name__iregex=("),
        ("bot", "owner__username__regex=x"),
        ("inboundmessage", "raw__text__iregex=x"),
        ("apitoken", "name__regex=x"),
        ("bot", "id__range=1"),
        ("bot", "name__range=x"),
        ("bot", "created_at__range=2020-01-01"),
    ],
)
def test_a_look_up_that_cannot_be_read_or_costs_too_much_is_refused(owner: Browser, table: str, query: str) -> None:
    assert owner.client.get(f"{url(f'{table}_changelist')}?{query}").status_code == 400


def test_a_value_that_a_database_cannot_read_is_no_fault_of_the_server(owner: Browser) -> None:
    """PostgreSQL knows no NUL, SQLite does."""
    assert owner.client.get(f"{url('bot_changelist')}?name=%00").status_code in {200, 400}


@pytest.mark.parametrize("query", ["name__contains={}", "name__in={},x", "owner__id__exact=0", "created_at__year=1900"])
def test_other_look_ups_filter(owner: Browser, bot: Bot, query: str) -> None:
    answer = owner.client.get(f"{url('bot_changelist')}?{query.format(bot.name)}")
    assert [row.pk for row in answer.context["cl"].result_list] == ([bot.pk] if "{}" in query else [])
