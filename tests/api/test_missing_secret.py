"""An account without the secret that proves who calls: it takes no messages, and everybody who asks is told so."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from permabots.models import InboundMessage
from permabots.providers.base.signatures import signed
from tests.api.conftest import Api
from tests.factories import at_large, others_at_large

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]

SECRET = "the app's own"
WORDS = "app_secret missing"
WARNING = f"{WORDS}: no message is taken before it is given."
MESSAGE = {"mid": "m1", "text": "hello"}


@pytest.fixture
def account(api: Api, base: str) -> Any:
    """A page of Messenger, connected by the API without an app secret: what the API answered."""
    with at_large(others_at_large()):
        yield api.post(f"{base}messenger/", {"token": "page-token-1"}).json()


def write(account: Any, status: Any, secret: str = "") -> Any:
    """Write to the page, as Facebook tells it."""
    event = {"sender": {"id": "7"}, "timestamp": 1_700_000_000_000, "message": MESSAGE}
    body = json.dumps({"object": "page", "entry": [{"id": status["account"], "time": 1, "messaging": [event]}]})
    headers = {"X-Hub-Signature-256": f"sha256={signed(body.encode(), secret, 'sha256')}"} if secret else {}
    return Client().post(f"/processing/messengerbot/{account['id']}/", body, "application/json", headers=headers)


def test_it_is_told_wherever_one_looks(api: Api, base: str, account: Any) -> None:
    assert account["warnings"] == [WARNING]
    status = api.get(f"{base}messenger/{account['id']}/status/").json()
    assert (status["authenticated"], status["problem"]) == (False, WORDS)
    for action in ("set", "info"):
        out = StringIO()
        call_command("permabots_webhook", action, stdout=out)
        assert WORDS in out.getvalue()


def test_what_is_refused_is_taken_when_it_is_repeated_with_the_secret_stored(api: Api, base: str, account: Any) -> None:
    path = f"{base}messenger/{account['id']}/"
    status = api.get(f"{path}status/").json()
    for secret in ("", SECRET):
        answer = write(account, status, secret)
        assert (answer.status_code, answer.json()) == (403, {"detail": WORDS})
    assert not InboundMessage.objects.exists()
    changed = api.patch(path, {"enabled": True, "app_secret": SECRET})
    assert (changed.status_code, "warnings" in changed.json()) == (200, False)
    assert api.get(f"{path}status/").json()["problem"] == ""
    assert write(account, status, SECRET).status_code == 200
    assert InboundMessage.objects.get().text == "hello"
