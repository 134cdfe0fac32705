"""The engine whose webhooks do not wait for a frozen PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection
from django.db.utils import load_backend

from permabots.cooldown import Pause
from permabots.postgresql import limited
from tests.servers import Postgres

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def database(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """A connection by this engine to the tests' database; a server that is frozen goes on afterwards."""
    base = load_backend("permabots.postgresql")
    monkeypatch.setattr(base, "PAUSE", Pause(60.0))
    settings = {**connection.settings_dict, "ENGINE": "permabots.postgresql", "OPTIONS": {"connect_timeout": 20}}
    wrapper = base.DatabaseWrapper(settings, "frozen")
    yield wrapper
    postgres.resume()
    wrapper.close()


def ask(database, text: str = "SELECT 1") -> object:  # type: ignore[no-untyped-def]
    with database.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchone()[0]


def test_a_limit_is_none_for_a_server_that_answers(database) -> None:  # type: ignore[no-untyped-def]
    with limited(20.0):
        assert [ask(database), ask(database, "SELECT 2")] == [1, 2]


def test_a_statement_to_a_frozen_server_fails_and_its_connection_is_closed(database, postgres: Postgres) -> None:  # type: ignore[no-untyped-def]
    ask(database)
    postgres.pause()
    with limited(0.2), pytest.raises(OperationalError, match="did not answer in time"):
        ask(database)
    assert database.connection.closed


def test_a_new_connection_to_a_frozen_server_fails(database, postgres: Postgres) -> None:  # type: ignore[no-untyped-def]
    postgres.pause()
    with limited(0.2), pytest.raises(OperationalError, match="did not answer in time"):
        ask(database)


def test_after_that_a_webhook_does_not_wait_again_at_once(database, postgres: Postgres) -> None:  # type: ignore[no-untyped-def]
    postgres.pause()
    for wanted in ("did not answer in time", "did not answer a moment ago"):
        with limited(0.2), pytest.raises(OperationalError, match=wanted):
            ask(database)
    postgres.resume()
    assert ask(database) == 1  # whoever has no limit asks


def test_without_a_limit_a_statement_takes_as_long_as_it_takes(database) -> None:  # type: ignore[no-untyped-def]
    with limited(0.2):
        pass
    assert ask(database, "SELECT 3 FROM pg_sleep(0.5)") == 3
