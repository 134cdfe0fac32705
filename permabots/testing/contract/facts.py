"""The facts of a provider, its table and its fixtures."""

from __future__ import annotations

import math
import re

from django.apps import apps

from permabots.providers.base import callback_tokens, registry
from permabots.testing.contract.suite import Suite, with_webhook

_MODEL = re.compile(r"[a-z_][a-z0-9_]*\.[A-Za-z_][A-Za-z0-9_]*")
_LONGEST_SLUG = 30


class Facts(Suite):
    """Facts."""

    def test_the_registry_takes_it(self) -> None:
        path = f"{self.provider.__module__}.{self.provider.__qualname__}"
        loaded = registry.load((path,), lambda slug: self.build().options)
        self.check(list(loaded) == [self.provider.slug], "the registry loads it under its slug")
        options = loaded[self.provider.slug].options
        self.check(options == self.build().options, "the settings decide what its options are")

    def test_the_facts_are_valid(self) -> None:
        it = self.provider
        self.check(it.slug.isidentifier() and it.slug.islower() and len(it.slug) <= _LONGEST_SLUG, "slug")
        self.check(bool(it.name.strip()), "name: none")
        self.check(_MODEL.fullmatch(it.model) is not None, f"model: {it.model!r} is no app_label.Model")
        for fact in ("credential_fields", "verify_fields"):
            names = getattr(it, fact)
            self.check(isinstance(names, tuple) and all(name.isidentifier() for name in names), f"{fact}: {names!r}")
            self.check(set(names) <= set(self.credentials), f"{fact}: the suite's credentials lack some of them")
        self.check(it.recipient_fields in (("chat_id",), ("chat_id", "user_id")), "recipient_fields")
        for fact in ("has_users", "has_webhook", "integer_ids", "can_poll", "has_topics"):
            self.check(isinstance(getattr(it, fact), bool), f"{fact}: neither True nor False")
        self.check(it.events_per_call >= 1, "events_per_call: below 1")
        self.check(it.null_url is None or isinstance(it.null_url, str), "null_url: no text")

    def test_the_options_are_texts(self) -> None:
        options = self.provider.default_options
        self.check(all(isinstance(value, str) for value in options.values()), "default_options: not all are texts")
        self.check(all(name.isidentifier() and name.islower() for name in options), "default_options: a name")

    @with_webhook
    def test_the_options_have_the_address_of_the_api(self) -> None:
        options = self.provider.default_options
        self.check(options["api_url"].startswith(("https://", "http://127.0.0.1")), "default_options: api_url")

    def test_the_limits_can_be_kept(self) -> None:
        limits = self.provider.limits
        self.check(limits.text >= 2 and limits.unit in ("utf16", "characters"), "limits: text")
        for fact in ("row", "buttons", "label"):
            value = getattr(limits, fact)
            self.check(value is None or value >= 1, f"limits: {fact}")
        self.check(
            limits.data is None or limits.data >= callback_tokens.LENGTH, "limits: data is too short for a token"
        )

    def test_the_rates_are_numbers(self) -> None:
        rates = self.build().rates(self.chat_id)
        for rate in (rates.account, rates.chat, rates.chat_burst):
            self.check(0 <= rate < math.inf, f"rates: {rates}")

    def test_the_table_has_what_is_read(self) -> None:
        table = apps.get_model(self.provider.model)
        self.check(getattr(table, "SLUG", None) == self.provider.slug, "the table's SLUG is not the provider's")
        columns = {field.name for field in table._meta.concrete_fields}
        for name in (*self.provider.credential_fields, *self.provider.verify_fields):
            self.check(name in columns, f"the table has no column {name}")
        for model in (table, apps.get_model("permabots.Bot")):
            wanted = "bot" if model is table else f"{self.provider.slug}_bot"
            relation = next((field for field in model._meta.get_fields() if field.name == wanted), None)
            self.check(relation is not None and bool(relation.one_to_one), f"{model.__name__} has no {wanted}")

    def test_every_secret_is_in_an_encrypted_column(self) -> None:
        # Models can be imported once Django is set up; this module is also of use before that.
        from permabots.models.encrypted import EncryptedCharField  # noqa: PLC0415

        columns = {field.name: field for field in apps.get_model(self.provider.model)._meta.concrete_fields}
        for name in (*self.provider.credential_fields, *self.provider.verify_fields):
            encrypted = isinstance(columns.get(name), EncryptedCharField)
            words = "would be in clear in the database: it is no EncryptedCharField, nor among the suite's public"
            self.check(encrypted or name in self.public, f"{name} {words}")

    def test_there_are_payload_fixtures_and_every_answer_has_its_meaning(self) -> None:
        self.check(bool(self.webhooks()), f"no webhook bodies in {self.fixtures}")
        has_api = self.provider.has_webhook
        self.check(bool(self.api_answers()) == has_api, f"{'no API' if has_api else 'API'} answers in {self.fixtures}")
        self.check(set(self.answers) == set(self.api_answers()), "answers and api_ fixtures are not the same")
        self.counts.webhooks, self.counts.answers = len(self.webhooks()), len(self.answers)

    def test_nothing_shows_a_secret(self) -> None:
        none = not (self.provider.credential_fields or self.provider.verify_fields)
        self.check(none or bool(self.secrets()), "the suite's credentials hold no secret")
        provider = self.build()
        client = provider.client(self.credentials)
        self.check_discreet(f"{provider!r} {provider} {client!r} {client}", "repr or str")
