"""Signed requests: what is signed is what is sent, and no signature leaves its origin."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

import pytest

from permabots.engine.definitions import BotDefinition
from permabots.engine.http.client import PreparedCall, RequestLimits, UserApi
from permabots.engine.http.signatures import HEADER, Signer
from permabots.testing.http11 import Reply, Request
from permabots.testing.user_api import UserApiServer
from tests.engine.api_server import api as api
from tests.engine.api_server import server as server
from tests.engine.fake_network import OK, FakeNetwork
from tests.engine.network_calls import PUBLIC, header, redirect
from tests.engine.network_calls import network as network

SIGNER = Signer(("pbsig_new", "pbsig_old"))
TARGETS = ["", "/", "/a b/%2F/ü?q=ä&a[]=1&b=%5B|%7C", "/x/../y?z=a%20b+c#top", "/a;b=1,2?:@/?!$'()*"]


def is_signed(request: Request, secret: str) -> bool:
    """Whether a signature is that of what arrived."""
    moment, *given = request.headers[HEADER.lower()].split(",")
    assert abs(time.time() - int(moment.removeprefix("t="))) < 60
    message = f"{moment.removeprefix('t=')}\n{request.method}\n{request.target}\n".encode() + request.body
    return f"v1={hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()}" in given


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("method", "body"), [("GET", None), ("POST", '{"a": "ü"}'.encode()), ("DELETE", b"")])
def test_what_is_signed_is_what_arrives(
    server: UserApiServer, api: UserApi, target: str, method: str, body: bytes | None
) -> None:
    prepared = PreparedCall(method, server.url + target, (("k", "a b&ü"),), body=body, signer=SIGNER)
    assert api.call(prepared, "key").status == 404
    (request,) = server.requests
    assert is_signed(request, "pbsig_new")
    assert is_signed(request, "pbsig_old")
    assert not is_signed(request, "pbsig_other")


def test_a_redirect_within_the_origin_is_signed_for_its_own_address(server: UserApiServer, api: UserApi) -> None:
    server.add_route("/u/from", lambda _: Reply(307, b"", {"Location": "/u/to?x=1"}))
    prepared = PreparedCall("POST", f"{server.base}/from", body=b"{}", signer=SIGNER)
    assert api.call(prepared, "key").status == 404
    assert [request.target for request in server.requests] == ["/u/from", "/u/to?x=1"]
    assert all(is_signed(request, "pbsig_new") for request in server.requests)


def test_a_redirect_without_the_body_is_signed_without_it(server: UserApiServer, api: UserApi) -> None:
    server.add_route("/u/from", lambda _: Reply(303, b"", {"Location": "/u/to"}))
    api.call(PreparedCall("POST", f"{server.base}/from", body=b"{}", signer=SIGNER), "key")
    assert [(request.method, request.body) for request in server.requests] == [("POST", b"{}"), ("GET", b"")]
    assert all(is_signed(request, "pbsig_new") for request in server.requests)


@pytest.mark.parametrize("back", [False, True])
def test_another_origin_gets_no_signature_and_neither_does_a_way_back(network: FakeNetwork, back: bool) -> None:
    network.names["other.example"] = [[PUBLIC]]
    network.answers = [redirect("http://other.example/"), redirect("http://api.example/") if back else OK, OK]
    UserApi(RequestLimits(timeout=5.0)).call(PreparedCall("GET", "http://api.example/", signer=SIGNER), "key")
    assert header(network.requests[0], HEADER)
    assert [header(request, HEADER) for request in network.requests[1:]] == [None] * (2 if back else 1)


def test_nothing_that_an_author_writes_stands_for_a_signature(server: UserApiServer, api: UserApi) -> None:
    headers = {"permabots-signature": "t=1,v1=forged"}
    api.call(PreparedCall("GET", server.url, headers=headers, signer=SIGNER), "key")
    assert is_signed(server.requests[0], "pbsig_new")
    assert "forged" not in server.requests[0].headers[HEADER.lower()]


def test_no_secret_shows_in_what_holds_it() -> None:
    values: list[Any] = [SIGNER, PreparedCall("GET", "http://x/", signer=SIGNER)]
    values.append(BotDefinition("1", 1, signing_secrets=SIGNER.secrets))
    assert "pbsig" not in repr(values)
