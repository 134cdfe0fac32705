"""The paths, tokens and people of the stand-in Graph API."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
import requests

from permabots.testing import MessengerServer
from tests.testing.messenger.helpers import PSID, SECRET, TOKEN, CallbackServer, call, refusal, send, subscribe

EXPIRED = {
    "message": "Error validating access token: Session has expired.",
    "type": "OAuthException",
    "code": 190,
    "error_subcode": 463,
}


def error(answer: tuple[int, dict[str, Any]]) -> tuple[int, int, int]:
    """Return status, code and subcode of a refusal."""
    status, body = answer
    return status, body["error"]["code"], body["error"].get("error_subcode", 0)


def proof(token: str = TOKEN, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


# Tokens


@pytest.mark.parametrize("path", ["me", "v2.6/me", "v26.0/me"])
def test_the_version_may_be_any_or_none(messenger: MessengerServer, path: str):
    answer = requests.get(f"{messenger.url}/{path}", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=5)
    assert answer.json()["id"] == messenger.page(TOKEN)["id"]


def test_a_token_may_stand_in_the_address_or_in_the_body(known: MessengerServer):
    page = known.page(TOKEN)["id"]
    assert call(known.url, "GET", f"me?access_token={TOKEN}", "")[1]["id"] == page
    assert send(known.url, {"text": "hi"}, token="", access_token=TOKEN)[0] == 200
    assert [(entry.bot, "access_token" in entry.arguments) for entry in known.calls()] == [(page, False)] * 2


def test_a_form_is_taken_too(known: MessengerServer):
    form = {"recipient": json.dumps({"id": PSID}), "message": json.dumps({"text": "hi"}), "messaging_type": "RESPONSE"}
    assert call(known.url, "POST", "me/messages", data=form)[0] == 200
    assert known.texts(PSID) == ["hi"]


@pytest.mark.parametrize("form", [{"recipient": "{"}, {"recipient": '"x"'}])
def test_a_form_without_an_object_for_a_recipient_is_refused(messenger: MessengerServer, form: dict[str, str]):
    assert error(call(messenger.url, "POST", "me/messages", data=form)) == (400, 100, 0)


@pytest.mark.parametrize("body", ["{", "[]", '"x"'])
def test_a_body_that_is_no_object_is_refused(messenger: MessengerServer, body: str):
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    answer = requests.post(f"{messenger.url}/me/messages", body, headers=headers, timeout=5)
    assert answer.json()["error"]["message"] == "(#100) The parameter recipient is required"


def test_a_call_without_a_token_is_refused(messenger: MessengerServer):
    assert error(call(messenger.url, "GET", "me", "")) == (400, 2500, 0)


def test_a_rejected_token_is_refused(messenger: MessengerServer):
    status, body = call(messenger.url, "GET", "me", "page-REJECT")
    assert (status, body["error"] | {"fbtrace_id": ""}) == (400, {**EXPIRED, "fbtrace_id": ""})


def test_tokens_are_revoked_and_restored(messenger: MessengerServer):
    messenger.revoke(TOKEN)
    assert error(call(messenger.url, "GET", "me")) == (400, 190, 463)
    assert call(messenger.url, "GET", "me", "another")[0] == 200
    messenger.restore(TOKEN)
    assert call(messenger.url, "GET", "me")[0] == 200


def test_a_wrong_proof_is_refused(messenger: MessengerServer):
    messenger.register_page(TOKEN, app_secret=SECRET)
    assert call(messenger.url, "GET", "me", params={"appsecret_proof": proof()})[0] == 200
    status, body = call(messenger.url, "GET", "me", params={"appsecret_proof": proof(secret="other")})
    assert (status, body["error"]["code"]) == (400, 100)
    assert body["error"]["message"] == "Invalid appsecret_proof provided in the API argument"


def test_a_proof_is_made_with_the_secret_of_the_app(messenger: MessengerServer, callback: CallbackServer):
    assert call(messenger.url, "GET", "me", params={"appsecret_proof": proof()})[0] == 200
    assert call(messenger.url, "GET", "me", params={"appsecret_proof": proof(secret="other")})[0] == 400


def test_a_proof_is_not_looked_at_where_the_secret_is_not_known(messenger: MessengerServer):
    assert call(messenger.url, "GET", "me", params={"appsecret_proof": "x"})[0] == 200


def test_a_proof_can_be_demanded(messenger: MessengerServer):
    messenger.register_page(TOKEN, app_secret=SECRET, require_proof=True)
    status, body = call(messenger.url, "GET", "me")
    assert (status, body["error"]["message"]) == (
        400,
        "API calls from the server require an appsecret_proof argument",
    )
    assert call(messenger.url, "GET", "me", params={"appsecret_proof": proof()})[0] == 200


# Pages


def test_a_token_is_always_the_same_page(messenger: MessengerServer):
    with MessengerServer() as other:
        assert other.page(TOKEN)["id"] == messenger.page(TOKEN)["id"]
    assert messenger.page("another")["id"] != messenger.page(TOKEN)["id"]


def test_a_page_is_registered(messenger: MessengerServer):
    messenger.register_page(TOKEN, page_id="104455667788990", name="Shop")
    messenger.register_page("second token", page_id="104455667788990")
    for token in (TOKEN, "second token"):
        about = {"id": "104455667788990", "name": "Shop"}
        assert call(messenger.url, "GET", "me?fields=id,name", token) == (200, about)
        assert call(messenger.url, "GET", "104455667788990?fields=id", token) == (200, {"id": "104455667788990"})


def test_the_app_of_a_page_is_told(messenger: MessengerServer):
    messenger.register_page(TOKEN, app="shop")
    status, body = call(messenger.url, "GET", "app?fields=id,name")
    assert (status, body["name"], body["id"].isdecimal()) == (200, "shop", True)


def test_a_page_is_subscribed_and_unsubscribed(messenger: MessengerServer):
    subscribe(messenger.url, fields="messages,messaging_postbacks")
    status, body = call(messenger.url, "GET", "me/subscribed_apps")
    app = call(messenger.url, "GET", "app")[1]["id"]
    fields = ["messages", "messaging_postbacks"]
    assert (status, len(body["data"]), body["data"][0]["id"]) == (200, 1, app)
    assert body["data"][0]["subscribed_fields"] == messenger.page(TOKEN)["subscribed_fields"] == fields
    assert call(messenger.url, "DELETE", "me/subscribed_apps") == (200, {"success": True})
    assert call(messenger.url, "GET", "me/subscribed_apps") == (200, {"data": []})
    assert messenger.page(TOKEN)["subscribed_fields"] is None


def test_a_subscription_may_come_as_json(messenger: MessengerServer):
    body = {"subscribed_fields": ["messages"]}
    assert call(messenger.url, "POST", "me/subscribed_apps", json=body) == (200, {"success": True})


@pytest.mark.parametrize(("fields", "words"), [("", "is required"), ("messages,mail", "subscribed_fields[1] must be")])
def test_a_subscription_to_nothing_known_is_refused(messenger: MessengerServer, fields: str, words: str):
    status, body = call(messenger.url, "POST", "me/subscribed_apps", params={"subscribed_fields": fields})
    assert (status, body["error"]["code"]) == (400, 100)
    assert words in body["error"]["message"]


@pytest.mark.parametrize(
    ("verb", "path", "expected"),
    [
        ("GET", "me/messages", (400, 100, 33)),
        ("POST", "12345/messages", (400, 100, 33)),
        ("POST", "12345/subscribed_apps", (400, 100, 33)),
        ("PUT", "me/subscribed_apps", (400, 100, 33)),
        ("GET", "12345", (400, 100, 33)),
        ("POST", "me", (400, 100, 33)),
        ("GET", "me/friends", (400, 2500, 0)),
        ("GET", "me/messages/all", (400, 100, 33)),
    ],
)
def test_what_does_not_exist_is_refused(
    messenger: MessengerServer, verb: str, path: str, expected: tuple[int, int, int]
):
    assert error(call(messenger.url, verb, path)) == expected


# People


def test_a_person_who_wrote_has_a_profile(known: MessengerServer):
    status, body = call(known.url, "GET", f"{PSID}?fields=first_name,last_name,profile_pic")
    assert (status, sorted(body)) == (200, ["first_name", "id", "last_name", "profile_pic"])


def test_a_person_who_never_wrote_is_refused(messenger: MessengerServer):
    expected = {
        "message": "(#100) No matching user found",
        "type": "OAuthException",
        "code": 100,
        "error_subcode": 2018001,
    }
    assert refusal(messenger.url, {"text": "hi"}) == expected


def test_a_person_of_another_page_is_refused(known: MessengerServer):
    assert refusal(known.url, {"text": "hi"}, token="another")["error_subcode"] == 2018001


def test_people_need_not_have_written_where_a_test_says_so():
    with MessengerServer(check_people=False) as messenger:
        assert send(messenger.url, {"text": "hi"}, psid="psid")[0] == 200
        assert messenger.texts("psid") == ["hi"]


def test_a_person_who_wrote_a_day_ago_is_refused(known: MessengerServer):
    known.age(TOKEN, PSID, hours=24.1)
    assert refusal(known.url, {"text": "hi"}) == {
        "message": "(#10) This message is sent outside of allowed window.",
        "type": "OAuthException",
        "code": 10,
        "error_subcode": 2018278,
    }
    known.send_text(TOKEN, PSID, "again")
    assert send(known.url, {"text": "hi"})[0] == 200


@pytest.mark.parametrize(("hours", "status"), [(23.9, 200), (24.1, 403)])
def test_the_window_is_a_day(known: MessengerServer, hours: float, status: int):
    known.age(TOKEN, PSID, hours)
    assert send(known.url, {"text": "hi"}, messaging_type="UPDATE")[0] == status


@pytest.mark.parametrize(("hours", "status"), [(150, 200), (170, 403)])
def test_a_human_agent_has_a_week(known: MessengerServer, hours: float, status: int):
    known.age(TOKEN, PSID, hours)
    assert send(known.url, {"text": "hi"}, messaging_type="MESSAGE_TAG", tag="HUMAN_AGENT")[0] == status


def test_receipts_and_echoes_do_not_open_the_window(known: MessengerServer):
    known.age(TOKEN, PSID)
    known.read(TOKEN, PSID)
    known.receive(TOKEN, PSID)
    known.echo(TOKEN, PSID, "from the staff")
    assert refusal(known.url, {"text": "hi"})["code"] == 10


@pytest.mark.parametrize(
    ("psid", "expected"),
    [
        ("551551", ("(#551) This person isn't available right now.", 551, 1545041)),
        ("613613", ("(#613) Calls to this api have exceeded the rate limit.", 613, None)),
        ("100100", ("(#100) No matching user found", 100, 2018001)),
        ("101010", ("(#10) This message is sent outside of allowed window.", 10, 2018278)),
    ],
)
def test_some_people_always_refuse(messenger: MessengerServer, psid: str, expected: tuple[str, int, int | None]):
    messenger.send_text(TOKEN, psid, "hello")
    said = refusal(messenger.url, {"text": "hi"}, psid=psid)
    assert (said["message"], said["code"], said.get("error_subcode")) == expected
