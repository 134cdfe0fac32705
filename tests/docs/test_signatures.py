"""The documentation's functions that check a signature: each is run by its language, where that is at hand."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from permabots.engine.http.signatures import HEADER, Signer
from permabots.models import WebBot
from permabots.pipeline.web_chat import identity
from tests.docs.pages import block

SECRET = "pbsig_the-new-one"
TARGET, BODY = "/orders?id=7&x=%C3%BC", '{"a": "ü"}'


def header(*secrets: str, method: str = "POST", target: str = TARGET, body: str = BODY) -> str:
    request = requests.Request(method, f"http://api.example{target}", data=body.encode()).prepare()
    Signer(secrets).sign(request)
    return str(request.headers[HEADER])


def cases() -> list[tuple[bool, list[str]]]:
    """Return whether a request is signed, and the arguments of a function that must find that out."""
    good = header(SECRET, "pbsig_old")
    moment, *signatures = good.split(",")
    old = ",".join([f"t={int(time.time()) - 400}", *signatures])
    asked = ["POST", TARGET, BODY]
    accepted = [[SECRET, good, *asked], ["pbsig_old", good, *asked], [SECRET, header(SECRET, body=""), *asked[:2], ""]]
    accepted.append([SECRET, good + ",v2=abc", *asked])
    refused = [[SECRET, broken, *asked] for broken in ("", "t=", "t=x,v1=", moment, old, good.replace("v1=", "v1=0"))]
    refused += [[SECRET, given, *asked] for given in (good.replace("v1", "v0"), ",".join([moment, "v1=" + "é" * 64]))]
    refused += [["pbsig_other", good, *asked], [SECRET, good, "PUT", TARGET, BODY], [SECRET, good, "POST", "/", BODY]]
    refused += [[SECRET, good, "POST", TARGET, BODY + " "], [SECRET, f"t={10**30},{signatures[0]}", *asked]]
    # What moves from the path into the body, or back, is another request.
    refused.append([SECRET, header(SECRET, target="/a", body="b\n"), "POST", "/a%0Ab", ""])
    return [*((True, case) for case in accepted), *((False, case) for case in refused)]


def by_python(arguments: list[list[str]]) -> list[bool]:
    names: dict[str, Any] = {}
    exec(block("handlers", "signature-python"), names)  # noqa: S102 - it is our own
    check: Callable[..., bool] = names["is_signed"]
    return [check(*others, body.encode()) for *others, body in arguments]


def by_program(program: str, source: str) -> Callable[[list[list[str]]], list[bool]]:
    def run(arguments: list[list[str]]) -> list[bool]:
        path = shutil.which(program)
        if path is None:
            pytest.skip(f"{program} is not on this machine")
        done = subprocess.run([path], input=source % json.dumps(arguments), capture_output=True, text=True, check=True)
        found: list[bool] = json.loads(done.stdout)
        return found

    return run


JAVASCRIPT = (
    block("handlers", "signature-javascript").replace("%", "%%")
    + """
console.log(JSON.stringify(%s.map(([secret, header, method, target, body]) =>
  isSigned(secret, header, method, target, Buffer.from(body)))));
"""
)
PHP = (
    block("handlers", "signature-php").replace("%", "%%")
    + """
$cases = json_decode(<<<'CASES'
%s
CASES, true);
echo json_encode(array_map(function ($it) { return is_signed(...$it); }, $cases));
"""
)


@pytest.mark.parametrize(
    "check", [by_python, by_program("node", JAVASCRIPT), by_program("php", PHP)], ids=["python", "node", "php"]
)
def test_a_signature_is_checked_as_the_documentation_has_it(check: Callable[[list[list[str]]], list[bool]]) -> None:
    wanted, arguments = zip(*cases(), strict=True)
    assert check(list(arguments)) == list(wanted)


def test_the_documentation_shows_the_header_by_its_name() -> None:
    assert block("handlers", "signature-header").startswith(f"{HEADER}: t=")


# --- who a person is, signed for a web chat ---------------------------------------------------------------------------

PEOPLE = [
    ["corner-shop", "k" * 40, "ann", "Ann"],
    ["shop", "ü" * 32, "7/ü+?", 'Zoë "Z" <b>'],
    ["shop", "s" * 32, "a", ""],
]
IDENTITY_JAVASCRIPT = (
    block("web_chat", "identity-javascript").replace("%", "%%")
    + """
console.log(JSON.stringify(%s.map((it) => signedIdentity(...it))));
"""
)
IDENTITY_PHP = (
    block("web_chat", "identity-php").replace("%", "%%")
    + """
$cases = json_decode(<<<'CASES'
%s
CASES, true);
echo json_encode(array_map(function ($it) { return signed_identity(...$it); }, $cases));
"""
)


def identities_by_python(people: list[list[str]]) -> list[str]:
    names: dict[str, Any] = {}
    exec(block("web_chat", "identity-python"), names)  # noqa: S102 - it is our own
    sign: Callable[..., str] = names["signed_identity"]
    return [sign(*person) for person in people]


@pytest.mark.parametrize(
    "sign",
    [identities_by_python, by_program("node", IDENTITY_JAVASCRIPT), by_program("php", IDENTITY_PHP)],
    ids=["python", "node", "php"],
)
def test_a_person_is_signed_as_the_documentation_has_it(sign: Callable[[list[list[str]]], Any]) -> None:
    for (slug, secret, person, name), signed in zip(PEOPLE, sign(PEOPLE), strict=True):
        row = WebBot(slug=slug, identity_secret=secret)
        assert identity.verified(row, signed) == identity.SignedIdentity(person, name)
