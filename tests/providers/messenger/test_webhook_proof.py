"""Who calls the webhook: the handshake of Facebook, and its signature."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from permabots.exceptions import ConfigurationError, WebhookRejected
from permabots.providers.base.signatures import signed
from permabots.providers.messenger.provider import Messenger
from permabots.values import WebhookRequest
from tests.providers import fixtures
from tests.providers.messenger.events import MESSENGER

SECRET = "app-secret"
BODY = json.dumps(fixtures.content("messenger", "text"), separators=(",", ":")).encode()
SIGNATURE = "sha256=" + signed(BODY, SECRET, "sha256")
OURS = UUID("0f6c1f3e-8d1b-4a44-9a53-8c5f0e8a1d77")


def asked(mode: str, token: str, challenge: str = "1158201444") -> str:
    query = {"hub.mode": mode, "hub.verify_token": token, "hub.challenge": challenge}
    return MESSENGER.handshake(WebhookRequest(b"", {}, query), {"app_secret": SECRET, "id": str(OURS)})


@pytest.mark.parametrize("token", [str(OURS), OURS.hex, str(OURS).upper()])
def test_a_handshake_with_the_integrations_id_gets_its_challenge(token: str) -> None:
    assert asked("subscribe", token) == "1158201444"


def test_a_handshake_need_not_name_its_mode_but_has_a_challenge() -> None:
    query = {"hub.verify_token": str(OURS)}
    credentials = {"id": str(OURS)}
    assert MESSENGER.handshake(WebhookRequest(b"", {}, {**query, "hub.challenge": "abc"}), credentials) == "abc"
    with pytest.raises(WebhookRejected):
        MESSENGER.handshake(WebhookRequest(b"", {}, query), credentials)


@pytest.mark.parametrize(
    ("mode", "token"),
    [("subscribe", "wrong"), ("subscribe", ""), ("subscribe", "ünd\udcff"), ("subscribe", SECRET), ("", str(OURS))],
)
def test_any_other_handshake_is_rejected_without_showing_the_token(mode: str, token: str) -> None:
    with pytest.raises(WebhookRejected) as caught:
        asked(mode, token)
    assert caught.value.status == 403
    assert str(OURS) not in str(caught.value)


@pytest.mark.parametrize("credentials", [{}, {"id": ""}])
def test_without_an_id_no_handshake_succeeds(credentials: dict[str, str]) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": ""}
    with pytest.raises(WebhookRejected):
        MESSENGER.handshake(WebhookRequest(b"", {}, query), credentials)


@pytest.mark.parametrize("presented", [SIGNATURE, "sha256=" + SIGNATURE.removeprefix("sha256=").upper()])
def test_the_apps_signature_over_the_raw_bytes_is_taken(presented: str) -> None:
    MESSENGER.verify(WebhookRequest(BODY, {"x-hub-signature-256": presented}), {"app_secret": SECRET})


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BODY, {}),
        (BODY, {"x-hub-signature-256": ""}),
        (BODY, {"x-hub-signature-256": "sha256="}),
        (BODY, {"x-hub-signature-256": SIGNATURE[:-1]}),
        (BODY, {"x-hub-signature-256": SIGNATURE.removeprefix("sha256=")}),
        (BODY, {"x-hub-signature-256": SIGNATURE.replace("sha256", "sha1")}),
        (BODY, {"x-hub-signature-256": "sha256=ünd\udcff"}),
        (BODY, {"x-hub-signature-256": "sha256=" + signed(BODY, "another", "sha256")}),
        (BODY, {"x-hub-signature": "sha1=" + signed(BODY, SECRET, "sha1")}),
        (BODY.replace(b"\\u00f1", "ñ".encode()), {"x-hub-signature-256": SIGNATURE}),
    ],
)
def test_a_call_that_proves_nothing_is_rejected_without_showing_a_secret(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(WebhookRejected) as caught:
        MESSENGER.verify(WebhookRequest(body, headers), {"app_secret": SECRET})
    assert caught.value.status == 403
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(("credentials", "proves"), [({"app_secret": SECRET}, True), ({"app_secret": ""}, False)])
def test_only_an_app_secret_can_prove_a_call(credentials: dict[str, str], proves: bool) -> None:
    assert MESSENGER.can_verify(credentials) is proves


@pytest.mark.parametrize("headers", [{}, {"x-hub-signature-256": SIGNATURE}])
@pytest.mark.parametrize("credentials", [{}, {"app_secret": ""}])
def test_without_an_app_secret_no_call_is_taken(credentials: dict[str, str], headers: dict[str, str]) -> None:
    with pytest.raises(WebhookRejected) as caught:
        MESSENGER.verify(WebhookRequest(BODY, headers), credentials)
    assert (caught.value.status, caught.value.detail) == (403, "app_secret missing")
    assert MESSENGER.missing_secret(credentials) == "app_secret"


def test_a_flag_that_is_neither_on_nor_off_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="MESSENGER_ALLOW_UNSIGNED must be True or False, not 'perhaps'"):
        Messenger({"allow_unsigned": "perhaps"}).flag("allow_unsigned")


@pytest.mark.parametrize("on", ["True", "1", "yes"])
def test_where_it_is_allowed_every_call_is_taken_without_an_app_secret(on: str) -> None:
    trusting = Messenger({"allow_unsigned": on})
    trusting.verify(WebhookRequest(BODY), {"app_secret": ""})
    assert (trusting.can_verify({}), trusting.missing_secret({})) == (False, "")
    with pytest.raises(WebhookRejected):
        trusting.verify(WebhookRequest(BODY), {"app_secret": SECRET})
