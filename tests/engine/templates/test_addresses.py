"""Addresses: a value is one part of the host, the path or the query, and leads nowhere else."""

from __future__ import annotations

import pytest

from permabots.exceptions import TemplateError
from tests.engine.templates.rendering import url

ENV = {"base": "https://h.example/api/", "empty": "", "host": "h.example", "word": "x"}
HOST = (
    "a value in the host or port of an address may hold letters, digits, dots and hyphens only,"
    " and must not be empty: {!r}"
)
DOTS = "a part of the path would come to {!r}, which leads to another address"


def rendered(source: str, value: object) -> str:
    return url(source, v=value, env=ENV)


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("http://{{ v }}", "a.b-c", "http://a.b-c"),
        ("http://{{ v }}/p", "127.0.0.1", "http://127.0.0.1/p"),
        ("http://{{ v }}.example:80?q", "a", "http://a.example:80?q"),
        ("http://h:{{ v }}/", 8080, "http://h:8080/"),
        ("http://h:{{ v }}#f", "80", "http://h:80#f"),
        ("http://{{ v }}:{{ v }}@h/p", "a:/@b", "http://a%3A%2F%40b:a%3A%2F%40b@h/p"),
        ("http://{{ v }}@h", "", "http://@h"),
        ("http://{{ env.host }}:{{ v }}/", "1", "http://h.example:1/"),
        ("{{ env.base }}{{ v }}", "a/b", "https://h.example/api/a%2Fb"),
        (
            "http://h/{{ v }}/x?q={{ v }}&r={{ v }}#{{ v }}",
            "a /?#&=é",
            "http://h/"
            "a%20%2F%3F%23%26%3D%C3%A9/x?q=a%20%2F%3F%23%26%3D%C3%A9&r=a%20%2F%3F%23%26%3D%C3%A9#a%20%2F%3F%23%26%3D%C3%A9",
        ),
        ("http://h/?q={{ v }}/..", "..", "http://h/?q=../.."),
        ("http://h/p#{{ v }}", "..", "http://h/p#.."),
        ("http://h/{{ v }}.", "...", "http://h/...."),
        ("http://h/{{ v }}a", "..", "http://h/..a"),
        ("http://h/../{{ v }}", "a", "http://h/../a"),
        ("http://h/{{ v }}", "", "http://h/"),
        ("http://h/{{ v }}{{ v }}", ".a", "http://h/.a.a"),
        ("/p/{{ v }}", "a", "/p/a"),
        ("p/{{ v }}", "a b", "p/a%20b"),
        ("?q={{ v }}", "..", "?q=.."),
        ("x{{ v }}", "://a", "x%3A%2F%2Fa"),
        ("{{ env.word }}://{{ v }}/", "a", "x://a/"),
        ("mailto:{{ v }}", "a@b", "mailto:a%40b"),
        ("http:/{{ v }}", "a", "http:/a"),
        ("/x://{{ v }}", "a/b", "/x://a%2Fb"),
        ("http://h/p{{ v|urlencode }}", "a/b c", "http://h/pa/b%20c"),
        ("{{ v }}", "http://h/../x", "http://h/../x"),
        ("", "", ""),
        ("{{ env.empty }}http://{{ v }}/", "h", "http://h/"),
    ],
)
def test_a_value_is_part_of_the_address(source: str, value: object, expected: str) -> None:
    assert rendered(source, value) == expected


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("http://{{ v }}", "a/b"),
        ("http://{{ v }}/p", "evil.example#"),
        ("http://{{ v }}.example", "a@b"),
        ("http://{{ v }}?q", "a b"),
        ("http://h:{{ v }}/", "80@x"),
        ("http://h:{{ v }}", ""),
        ("http://{{ v }}/", "é"),
        ("http://a@{{ v }}/", "b@c"),
        ("http://{{ v|urlencode }}/", "a/b"),
        ("{{ env.word }}://{{ v }}", "[::1]"),
    ],
)
def test_a_value_cannot_change_the_host(source: str, value: str) -> None:
    with pytest.raises(TemplateError) as caught:
        rendered(source, value)
    shown = "a/b" if "urlencode" in source else value
    assert caught.value.message == HOST.format(shown)


@pytest.mark.parametrize(
    ("source", "value", "part"),
    [
        ("http://h/{{ v }}", "..", ".."),
        ("http://h/{{ v }}", ".", "."),
        ("http://h/{{ v }}/x", "..", ".."),
        ("http://h/{{ v }}?q", "..", ".."),
        ("http://h/{{ v }}#f", "..", ".."),
        ("http://h/{{ v }}.", ".", ".."),
        ("http://h/.{{ v }}", ".", ".."),
        ("http://h/%2e{{ v }}/", ".", ".."),
        ("http://h/{{ v }}%2E", ".", ".."),
        ("http://h/{{ v }}{{ v }}", ".", ".."),
        ("http://h/ {{ v }} ", "..", ".."),
        ("http://h/.{{ v }}/", "", "."),
        ("p/{{ v }}", "..", ".."),
        ("/{{ v }}/a", "..", ".."),
        (".{{ v }}/a", ".", ".."),
        ("http://h/{{ v|urlencode }}", "..", ".."),
        ("http://h/a{{ v|urlencode }}", "/../b", ".."),
        ("x{{ v|urlencode }}/a", "/..", ".."),
    ],
)
def test_a_value_cannot_lead_up_the_path(source: str, value: str, part: str) -> None:
    with pytest.raises(TemplateError) as caught:
        rendered(source, value)
    assert caught.value.message == DOTS.format(part)


def test_an_error_shows_the_beginning_of_the_value_only() -> None:
    with pytest.raises(TemplateError) as caught:
        rendered("http://{{ v }}", "/" * 500)
    assert len(caught.value.message) < 200
