"""What a subclass of the contract says of its provider, and how checks are made and counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from permabots.providers.base.contract import Client, Provider
from permabots.testing.contract.expected import ApiAnswer, Counts, Shown
from permabots.values import Identity, Inbound, Json, Payload, WebhookRequest

E = TypeVar("E", bound=Exception)
Test = TypeVar("Test", bound=Callable[..., None])

EXPECTED = ".expected.json"
API = "api_"
_ONLY = "_only_where_has_webhook_is"


def with_webhook(test: Test) -> Test:
    """Mark a test of the contract as one of providers that have a webhook and an API (`Provider.has_webhook`)."""
    setattr(test, _ONLY, True)
    return test


def without_webhook(test: Test) -> Test:
    """Mark a test of the contract as one of providers that have neither: their messages are stored in the project."""
    setattr(test, _ONLY, False)
    return test


class Suite:
    """What a subclass says.

    Attributes:
        provider: the provider's class.
        fixtures: the folder of its payload fixtures.
        credentials: a value for every column that it reads, {} for none; what is secret among them is looked for in
            errors and logs.
        public: the columns among them that are no secrets; all others must be encrypted in the table.
        identity: who the bot of the fixtures is.
        answers: name of an ``api_`` fixture, without ``.json`` -> what it means; {} where there is no API.
        chat_id: a chat that may be written to.
        user_id: a person in it.
        other_chat_id: another chat.
        labels_come_back: a pressed button says its label, as if it had been written, and nothing else.
    """

    # Subclasses must set

    provider: ClassVar[type[Provider]]
    fixtures: ClassVar[Path]
    credentials: ClassVar[Mapping[str, str]]
    answers: ClassVar[Mapping[str, ApiAnswer]]

    # Subclasses may set

    public: ClassVar[tuple[str, ...]] = ()
    identity: ClassVar[Identity] = Identity()
    chat_id: ClassVar[str] = "7"
    user_id: ClassVar[str] = "8"
    other_chat_id: ClassVar[str] = "9"
    labels_come_back: ClassVar[bool] = False

    counts: ClassVar[Counts]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.counts = Counts()
        for name in cls._needless():
            setattr(cls, name, None)

    @classmethod
    def _needless(cls) -> Iterable[str]:
        """Return the names of the tests that are of providers with a webhook where this has none, or the reverse."""
        if not hasattr(cls, "provider"):
            return []
        tests = {name: getattr(cls, name) for name in dir(cls) if name.startswith("test")}
        return [
            name
            for name, test in tests.items()
            if getattr(test, _ONLY, cls.provider.has_webhook) != cls.provider.has_webhook
        ]

    # Subclasses must implement

    def sign(self, body: bytes) -> Mapping[str, str]:
        """Return the headers with which the provider proves a webhook's body, under `credentials`.

        Not asked for where the provider has no webhook.
        """
        raise NotImplementedError(f"{type(self).__name__}.sign(body) must return the headers that prove a body")

    def shown(self, payload: Payload) -> list[Shown]:
        """Read back what a payload of `Provider.render` shows: one message, where a call cannot have more."""
        raise NotImplementedError(f"{type(self).__name__}.shown(payload) must return what a payload shows")

    # Subclasses must implement where the provider has no webhook

    def account(self) -> Client:
        """Return the client of a new account, of which the people of `chat_id` and `other_chat_id` are known."""
        raise NotImplementedError(f"{type(self).__name__}.account() must return the client of an account")

    def stored(self, client: Client, chat_id: str) -> list[Shown]:
        """Read back the messages that are stored for a chat of an account, in their order."""
        raise NotImplementedError(f"{type(self).__name__}.stored(client, chat_id) must return what is stored")

    def forget(self, client: Client, chat_id: str) -> None:
        """Have the person of a chat leave for good."""
        raise NotImplementedError(f"{type(self).__name__}.forget(client, chat_id) must make somebody leave")

    # The fixtures

    @classmethod
    def webhooks(cls) -> list[str]:
        """Return the names of the webhook bodies."""
        return sorted(name for name in cls._files() if not name.startswith(API))

    @classmethod
    def first_webhook(cls) -> str:
        """Return the name of a webhook body."""
        if names := cls.webhooks():
            return names[0]
        raise AssertionError(f"no webhook bodies in {cls.fixtures}")

    @classmethod
    def api_answers(cls) -> list[str]:
        """Return the names of the API's answers."""
        return sorted(name for name in cls._files() if name.startswith(API))

    @classmethod
    def _files(cls) -> list[str]:
        fixtures: Path | None = getattr(cls, "fixtures", None)
        if fixtures is None:
            raise AssertionError(f"{cls.__name__}.fixtures must be the folder of the payloads")
        files = (path.name for path in fixtures.glob("*.json") if not path.name.endswith(EXPECTED))
        return [name.removesuffix(".json") for name in files]

    def body(self, name: str) -> bytes:
        """Return a fixture as it stands."""
        return (self.fixtures / f"{name}.json").read_bytes()

    def content(self, name: str) -> Json:
        """Return a fixture's JSON."""
        return json.loads(self.body(name))

    # pytest calls this one, and `permabots.testing.contract.__main__`

    @classmethod
    def cases(cls) -> Mapping[str, list[str]]:
        """Return the arguments that a test may have: it runs once for each of the values."""
        return {"webhook": cls.webhooks(), "answer": sorted(cls.answers)}

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Run a test once for each of its fixtures."""
        for name, values in self.cases().items():
            if name in metafunc.fixturenames:
                metafunc.parametrize(name, values)

    # What the checks are made of

    def build(self, api_url: str = "http://127.0.0.1:1") -> Provider:
        """Return the provider, with its API, if it has one, at an address on this machine."""
        return self.provider({"api_url": api_url} if self.provider.has_webhook else {})

    def parse(self, body: bytes) -> list[Inbound]:
        """Return the events of a webhook's body."""
        with about(f"the body was {body[:500]!r}"):
            return self.build().parse(WebhookRequest(body), self.identity)

    def secrets(self) -> list[str]:
        """Return the credentials that nobody may see."""
        return [value for name, value in self.credentials.items() if value and name not in self.public]

    def check(self, held: bool, words: str) -> None:
        """Fail with these words where something does not hold."""
        if not held:
            raise AssertionError(f"{self.provider.slug}: {words}")
        self.counts.checks += 1

    def check_json(self, value: Any, words: str) -> None:
        """Fail where a value is no JSON that every database takes."""
        with about(words):
            text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        self.check("\x00" not in text and "\\u0000" not in text, f"{words}: NUL")
        self.check(not any("\ud800" <= character <= "\udfff" for character in text), f"{words}: a lone surrogate")

    def check_raises(self, wanted: type[E], call: Callable[[], object], words: str) -> E:
        """Fail where a call does not raise this error; return the error."""
        try:
            call()
        except wanted as error:
            self.counts.checks += 1
            return error
        raise AssertionError(f"{self.provider.slug}: no {wanted.__name__}: {words}")

    def check_discreet(self, text: str, where: str) -> None:
        """Fail where a text holds a secret."""
        for name, value in self.credentials.items():
            if value in self.secrets():
                self.check(value not in text, f"the secret {name!r} is in {where}")


@contextmanager
def about(words: str) -> Iterator[None]:
    """Add words about the attempt to any exception that is raised inside."""
    try:
        yield
    except Exception as error:  # whatever it is, a note is added and it goes on: nothing is swallowed
        error.add_note(words)
        raise
