"""Bodies that are posted to a hook, and errors for those that cannot be read."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from permabots.models import Notification
from tests.api.hook_world import DATA, FORM, TOLD, Owner
from tests.api.one_hook import hook as hook
from tests.api.one_hook import owner as owner
from tests.pipeline.conftest import telegram as telegram

pytestmark = pytest.mark.django_db(transaction=True)  # forms and words are alike on every database: keys are not


# How data comes


@pytest.mark.parametrize(
    ("body", "data"),
    [
        ('{"order": 7, "minutes": 5}', DATA),
        (' \n{"order": 7, "minutes": 5}\n', DATA),
        ('{"order": "a=1&b=2", "minutes": "+5 %"}', {"order": "a=1&b=2", "minutes": "+5 %"}),
        ("%7B%22order%22%3A+7%2C+%22minutes%22%3A+5%7D", DATA),
        ("[1, 2]", [1, 2]),
        ('"text"', "text"),
        ("\ufeff{}", {}),
        ('{"grün": "ü"}', {"grün": "ü"}),
    ],
)
def test_a_form_whose_only_name_is_json_is_that_json(owner: Owner, hook: Any, body: str, data: Any) -> None:
    assert owner.post(hook, body.encode(), FORM).status_code == 200
    assert Notification.objects.get().data == data


@pytest.mark.parametrize(
    ("body", "data"),
    [
        ("order=7&minutes=5", {"order": "7", "minutes": "5"}),
        ("order", {"order": ""}),
        ("order=", {"order": ""}),
        ('{"order": 7}=x', {'{"order": 7}': "x"}),
        ('{"order": 7', {'{"order": 7': ""}),
        ("a=1&a=2", {"a": "2"}),
        ("", {}),
    ],
)
def test_a_form_is_a_form(owner: Owner, hook: Any, body: str, data: Any) -> None:
    assert owner.post(hook, body.encode(), FORM).status_code == 200
    assert Notification.objects.get().data == data


@pytest.mark.sqlite
def test_form_data_is_a_form_too(owner: Owner, hook: Any) -> None:
    url = f"{owner.site}/processing/hook/{hook['key']}/"
    fields = {"order": (None, "7"), "minutes": (None, "5")}
    assert requests.post(url, files=fields, headers=owner.token, timeout=10).status_code == 200
    assert owner.told(101) == [[TOLD]]


def test_a_file_is_not_taken_and_the_answer_says_so(owner: Owner, hook: Any) -> None:
    url = f"{owner.site}/processing/hook/{hook['key']}/"
    answer = requests.post(url, files={"picture": ("x.png", b"x")}, headers=owner.token, timeout=10)
    assert (answer.status_code, answer.json()) == (400, "Files are not taken here: picture.")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (json.dumps(DATA).encode(), "application/problem+json"),
        (json.dumps(DATA).encode(), "application/vnd.shop.order+json; charset=utf-8"),
        (json.dumps(DATA).encode(), "APPLICATION/CloudEvents+JSON"),
        (json.dumps(DATA).encode("utf-8-sig"), "application/json"),
        (json.dumps(DATA).encode("utf-8-sig"), "application/problem+json"),
        (json.dumps(DATA).encode("utf-16"), "application/json"),
    ],
)
def test_json_is_read_whatever_its_type_is_called_and_whatever_mark_it_begins_with(
    owner: Owner, hook: Any, body: bytes, content_type: str
) -> None:
    assert owner.post(hook, body, content_type).status_code == 200
    assert owner.told(101) == [[TOLD]]


def test_the_rest_api_reads_bodies_as_hooks_do(owner: Owner) -> None:
    url = f"{owner.site}/permabots/api/bots/"
    for body, content_type in [
        (b'{"name": "one"}', FORM),
        (b'\xef\xbb\xbf{"name": "one"}', "application/json"),
        (b'{"name": "one"}', "application/merge-patch+json"),
        (b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\none\r\n--b--', "multipart/form-data; boundary=b"),
    ]:
        answer = requests.post(url, body, headers={**owner.token, "Content-Type": content_type}, timeout=10)
        assert (answer.status_code, answer.json().get("name")) == (201, "one"), content_type


# Errors


BIG = b"x" * 3_000_000


@pytest.mark.parametrize("path", ["hook", "api"])
@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b'{"a": "%s"}' % BIG, "application/json", 413),
        (b"a=" + BIG, FORM, 413),
        (b"&".join(b"a%d=1" % number for number in range(2000)), FORM, 400),
        (
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n%s\r\n--b--' % BIG,
            "multipart/form-data; boundary=b",
            413,
        ),
        (b"x", "multipart/form-data", 400),
        (b'{"a": ', "application/json", 400),
        (b'{"a": "\xff"}', "application/json", 400),
        (b"<a/>", "application/xml", 415),
    ],
)
def test_an_error_is_json_whatever_the_body(
    owner: Owner, hook: Any, path: str, body: bytes, content_type: str, status: int
) -> None:
    url = f"{owner.site}/permabots/api/bots/" if path == "api" else f"{owner.site}/processing/hook/{hook['key']}/"
    answer = requests.post(url, body, headers={**owner.token, "Content-Type": content_type}, timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/json")
    assert answer.json()
    assert not Notification.objects.exists()
