"""The contract of a provider: each breach of it is seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from permabots.exceptions import PermanentError, RecipientGone
from permabots.providers.base.contract import Client, Credentials, Limits, Rates
from permabots.testing.contract import ProviderContract
from permabots.testing.contract.__main__ import main
from permabots.testing.contract.running import run
from permabots.testing.contract.suite import about
from permabots.values import Address, Answer, Identity, Inbound, Json, Kind, Payload, Receipt, WebhookRequest
from tests.providers.toy.test_contract import TestToy as ToyContract
from tests.toy.client import ToyClient
from tests.toy.provider import Toy


class ToyWithout(ToyContract):
    """Toy's contract without what wants its table."""

    __test__ = False  # broken ones are tested below

    def test_the_table_has_what_is_read(self) -> None:
        """Toy is not installed here."""

    def test_every_secret_is_in_an_encrypted_column(self) -> None:
        """Toy is not installed here."""


class Ours(Toy):
    """What the broken ones are made of: one event changed by `changed`, one payload by `sent`."""

    def parse(self, request: WebhookRequest, identity: Identity) -> list[Inbound]:
        return [self.changed(event) for event in super().parse(request, identity)]

    def changed(self, event: Inbound) -> Inbound:
        return event

    def render(self, answer: Answer, address: Address) -> list[Payload]:
        return self.sent(super().render(answer, address))

    def sent(self, payloads: list[Payload]) -> list[Payload]:
        return payloads


class BadName(Toy):
    name = " "


class BadModel(Toy):
    model = "ToyBot"


class UnknownColumn(Toy):
    credential_fields = ("key", "token")


class SmallData(Toy):
    limits = Limits(text=500, data=10)


class NoAddress(Toy):
    default_options: ClassVar[Mapping[str, str]] = {"api_url": "toy.example.com"}


class TalkativeClient(ToyClient):
    def __repr__(self) -> str:
        return f"TalkativeClient({self._key})"


class Backwards(Toy):
    def rates(self, chat_id: str) -> Rates:
        return Rates(account=-1.0)


class ShowsKey(Toy):
    def client(self, credentials: Credentials) -> Client:
        return TalkativeClient(credentials["key"], self.options["api_url"])


class BelievesAll(Toy):
    def verify(self, request: WebhookRequest, credentials: Credentials) -> None: ...


class IgnoresBody(Toy):
    def verify(self, request: WebhookRequest, credentials: Credentials) -> None:
        super().verify(replace(request, body=b"x"), credentials)


class NoEvents(Toy):
    def parse(self, request: WebhookRequest, identity: Identity) -> list[Inbound]:
        return []


class Trusting(Toy):
    def parse(self, request: WebhookRequest, identity: Identity) -> list[Inbound]:
        return [Inbound("1", 0, Kind.TEXT, json.loads(request.body)["text"], "c", "", {})]


class NoId(Ours):
    def changed(self, event: Inbound) -> Inbound:
        return replace(event, external_id="")


class LongId(Ours):
    def changed(self, event: Inbound) -> Inbound:
        return replace(event, external_id="x" * 201)


class NoReason(Ours):
    def changed(self, event: Inbound) -> Inbound:
        return replace(event, reason="")


class NoChat(Ours):
    def changed(self, event: Inbound) -> Inbound:
        return replace(event, chat_id="")


class RawText(Ours):
    def changed(self, event: Inbound) -> Inbound:
        return replace(event, raw={"odd": "\x00"})


class Forgetful(Ours):
    seen = 0

    def changed(self, event: Inbound) -> Inbound:
        Forgetful.seen += 1
        return replace(event, external_id=str(Forgetful.seen))


class OldContext(Toy):
    def message_context(self, inbound: Inbound) -> dict[str, Json]:
        return {"text": inbound.raw.get("text")}


class LosesText(Ours):
    def sent(self, payloads: list[Payload]) -> list[Payload]:
        return payloads[:-1] or payloads


class WrongOrder(Ours):
    def sent(self, payloads: list[Payload]) -> list[Payload]:
        return payloads[::-1]


class NoCut(Toy):
    limits = Limits(text=100, label=20, data=64)

    def render(self, answer: Answer, address: Address) -> list[Payload]:
        return Toy().render(answer, address)


class AlwaysSends(Ours):
    def sent(self, payloads: list[Payload]) -> list[Payload]:
        return payloads or [Payload("messages", {"chat": "7", "text": "?"})]


class DropsKept(Ours):
    def sent(self, payloads: list[Payload]) -> list[Payload]:
        return [replace(payload, stored_callback_data={}) for payload in payloads]


class FewButtons(Ours):
    def sent(self, payloads: list[Payload]) -> list[Payload]:
        return [
            replace(it, body={**it.body, "buttons": [row[:2] for row in it.body.get("buttons", ())][:4]})
            for it in payloads
        ]


class OddText(Ours):
    def sent(self, payloads: list[Payload]) -> list[Payload]:
        return [replace(it, body={**it.body, "text": it.body["text"] + "\ud83d"}) for it in payloads]


class StaysThere(Toy):
    def readdress(self, payload: Payload, chat_id: str) -> Payload:
        return payload


class OneKindOfSample(Toy):
    def simulated_update(self, text: str, kind: Kind, chat_id: str, user_id: str) -> dict[str, Json]:
        return super().simulated_update(text, Kind.TEXT, chat_id, user_id)


class DeafClient(ToyClient):
    def send(self, payload: Payload, timeout: float) -> Receipt:
        try:
            return super().send(payload, timeout)
        except RecipientGone as error:
            raise PermanentError(str(error)) from error


class Deaf(Toy):
    def client(self, credentials: Credentials) -> Client:
        return DeafClient(credentials["key"], self.options["api_url"])


class FrankClient(ToyClient):
    def send(self, payload: Payload, timeout: float) -> Receipt:
        try:
            return super().send(payload, timeout)
        except PermanentError as error:
            raise PermanentError(f"{error} {self._key}") from error


class Frank(Toy):
    def client(self, credentials: Credentials) -> Client:
        return FrankClient(credentials["key"], self.options["api_url"])


class CarelessClient(ToyClient):
    def send(self, payload: Payload, timeout: float) -> Receipt:
        message_id = super().send(payload, timeout).message_id
        return Receipt(message_id[0] + message_id[1:])


class Careless(Toy):
    def client(self, credentials: Credentials) -> Client:
        return CarelessClient(credentials["key"], self.options["api_url"])


class HastyClient(ToyClient):
    def send(self, payload: Payload, timeout: float) -> Receipt:
        try:
            return super().send(payload, timeout)
        except Exception as error:
            raise PermanentError("no") from error


class Hasty(Toy):
    def client(self, credentials: Credentials) -> Client:
        return HastyClient(credentials["key"], self.options["api_url"])


BREACHES: list[tuple[type[Toy], str, str]] = [
    (BadName, "test_the_facts_are_valid", "name"),
    (BadModel, "test_the_facts_are_valid", "model"),
    (UnknownColumn, "test_the_facts_are_valid", "credential_fields"),
    (SmallData, "test_the_limits_can_be_kept", "too short for a token"),
    (NoAddress, "test_the_options_have_the_address_of_the_api", "api_url"),
    (Backwards, "test_the_rates_are_numbers", "rates"),
    (ShowsKey, "test_nothing_shows_a_secret", "the secret 'key'"),
    (BelievesAll, "test_a_call_without_proof_is_rejected", "without a header"),
    (BelievesAll, "test_a_call_with_a_wrong_proof_is_rejected", "with ''"),
    (BelievesAll, "test_a_proof_is_of_the_raw_bytes_where_it_is_of_the_body", "another one"),
    (BelievesAll, "test_without_a_stored_secret_nothing_is_proved", "no secret stored"),
    (IgnoresBody, "test_a_call_with_its_proof_is_taken", "missing or wrong"),
    (Trusting, "test_what_is_no_json_object_is_malformed", ""),
    (NoEvents, "test_a_body_is_read_alike_every_time", "no event"),
    (Trusting, "test_no_value_in_any_place_is_an_error", ""),
    (Trusting, "test_no_object_is_an_error", ""),
    (NoId, "test_a_body_is_read_alike_every_time", "external_id"),
    (LongId, "test_a_body_is_read_alike_every_time", "external_id"),
    (NoReason, "test_no_object_is_an_error", "reason"),
    (NoChat, "test_a_body_is_read_alike_every_time", "no chat"),
    (RawText, "test_a_body_is_read_alike_every_time", "NUL"),
    (Forgetful, "test_a_body_is_read_alike_every_time", "read again"),
    (Forgetful, "test_a_body_is_read_as_expected", "external_id"),
    (OldContext, "test_a_body_is_read_alike_every_time", "stands for"),
    (OneKindOfSample, "test_a_sample_is_read_as_what_it_was_made_of", "sample"),
    (AlwaysSends, "test_an_answer_without_text_gives_no_payload", "gives a payload"),
    (LosesText, "test_every_text_is_a_message_and_they_keep_their_order", "shows as"),
    (WrongOrder, "test_every_text_is_a_message_and_they_keep_their_order", "shows as"),
    (WrongOrder, "test_the_keyboard_is_on_the_last_message", "has buttons"),
    (LosesText, "test_a_long_text_is_cut_to_the_limit_and_none_of_it_is_lost", "lost"),
    (NoCut, "test_a_long_text_is_cut_to_the_limit_and_none_of_it_is_lost", "is one message"),
    (FewButtons, "test_of_many_buttons_none_is_lost_and_no_limit_is_passed", "are shown"),
    (DropsKept, "test_long_data_of_a_button_comes_back", "not kept"),
    (OddText, "test_what_no_database_takes_is_not_in_a_payload", "surrogate"),
    (StaysThere, "test_another_chat_gets_the_same", "readdressed"),
    (Deaf, "test_an_answer_of_the_api_means_what_the_table_says", "not RecipientGone"),
    (Frank, "test_an_answer_that_repeats_the_credentials_does_not_spread_them", "the secret 'key' is in an error"),
    (Careless, "test_an_answer_with_an_odd_value_in_it_is_a_result_or_an_error_too", "answered 200"),
    (Hasty, "test_a_server_that_takes_no_connection_has_taken_nothing", "nobody there"),
    (Hasty, "test_a_connection_that_breaks_leaves_open_what_became_of_the_call", "a broken connection"),
    (Hasty, "test_no_answer_is_anything_but_a_result_or_an_error_that_says_what_to_do", "a server's error"),
]


def contract_of(broken: type[Toy]) -> type[ToyWithout]:
    return type("Broken", (ToyWithout,), {"provider": broken, "__test__": False})


@pytest.mark.parametrize(
    ("broken", "name", "words"), BREACHES, ids=lambda value: getattr(value, "__name__", str(value))
)
def test_a_breach_is_seen_by_the_test_for_it(broken: type[Toy], name: str, words: str) -> None:
    suite = contract_of(broken)
    test: Any = getattr(suite, name)
    arguments = list(test.__code__.co_varnames[1 : test.__code__.co_argcount])
    with pytest.raises(Exception) as caught:
        for value in suite.cases()[arguments[0]] if arguments else [None]:
            test(suite(), *([value] if arguments else []))
    assert words in " ".join([str(caught.value), *getattr(caught.value, "__notes__", [])])


class InClear(Toy):
    """Keeps its key where Kik keeps a name."""

    model = "permabots.KikBot"
    credential_fields = ("api_key", "username")
    verify_fields = ("api_key",)


def test_a_secret_in_a_column_that_is_not_encrypted_is_seen() -> None:
    suite = type("Broken", (ToyContract,), {"provider": InClear, "__test__": False})
    with pytest.raises(AssertionError, match="username would be in clear in the database"):
        suite().test_every_secret_is_in_an_encrypted_column()
    type("NoSecret", (suite,), {"public": ("username",)})().test_every_secret_is_in_an_encrypted_column()


def test_what_holds_is_counted() -> None:
    counts = run(ToyWithout)
    assert (counts.webhooks, counts.answers) == (3, 5)
    assert counts.checks > 1000
    assert str(counts) == f"3 webhook bodies, 5 API answers, {counts.checks} checks"


def test_fixtures_that_are_missing_or_without_meaning_are_seen(tmp_path: Path) -> None:
    nothing = type("Nothing", (ToyWithout,), {"fixtures": tmp_path, "__test__": False})
    with pytest.raises(AssertionError, match="no webhook bodies"):
        nothing().test_there_are_payload_fixtures_and_every_answer_has_its_meaning()
    (tmp_path / "text.json").write_text("{}")
    with pytest.raises(AssertionError, match="no API answers"):
        nothing().test_there_are_payload_fixtures_and_every_answer_has_its_meaning()
    (tmp_path / "api_other.json").write_text("{}")
    with pytest.raises(AssertionError, match="not the same"):
        nothing().test_there_are_payload_fixtures_and_every_answer_has_its_meaning()


def test_pytest_runs_a_test_once_for_each_fixture() -> None:
    asked: dict[str, list[str]] = {}
    ToyWithout().pytest_generate_tests(SimpleNamespace(fixturenames=["webhook"], parametrize=asked.__setitem__))
    assert asked == {"webhook": ["left", "press", "text"]}


def test_a_suite_that_says_too_little_says_so() -> None:
    class Bare(ProviderContract):
        provider = Toy

    with pytest.raises(NotImplementedError):
        Bare().sign(b"")
    with pytest.raises(NotImplementedError):
        Bare().shown(Payload("messages", {}))


def test_what_was_tried_is_told() -> None:
    with pytest.raises(KeyError) as caught, about("the body was {}"):
        raise KeyError("id")
    assert caught.value.__notes__ == ["the body was {}"]


def test_the_command_prints_the_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([f"{__name__}.ToyWithout"]) == 0
    assert capsys.readouterr().out.startswith("toy: 3 webhook bodies, 5 API answers, ")
    assert main([]) == 2
