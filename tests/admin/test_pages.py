"""Every page of every table can be opened: by a bot's owner, and by whoever may only look."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission

from permabots.models import Bot
from tests.admin.conftest import Browser
from tests.admin.world import TABLES, World

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def world(bot: Bot) -> World:
    return World(bot)


@pytest.mark.parametrize("table", TABLES)
def test_every_page_opens_for_the_owner(owner: Browser, world: World, table: str) -> None:
    row = world.rows[table]
    assert str(row.pk) in owner.read(f"{table}_changelist")
    assert f"/{row.pk}/change/" not in owner.read(f"{table}_changelist", q="nothing of this kind")
    owner.read(f"{table}_change", row.pk)
    owner.read(f"{table}_history", row.pk)


@pytest.mark.parametrize("table", TABLES)
def test_whoever_may_only_look_sees_the_same_and_changes_nothing(owner: Browser, world: World, table: str) -> None:
    owner.user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="permabots", codename__startswith="view_")
    )
    owner.read(f"{table}_changelist")
    owner.read(f"{table}_change", world.rows[table].pk)
    assert owner.post(f"{table}_change", world.rows[table].pk).status_code == 403
    assert owner.get(f"{table}_add").status_code == 403


def test_every_registered_table_is_tried() -> None:
    own = {model._meta.model_name for model in admin.site._registry if model._meta.app_label == "permabots"}
    assert own == set(TABLES)
