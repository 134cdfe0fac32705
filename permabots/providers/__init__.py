"""Providers: the code for messengers, one folder each.

To add one (``docs/howto/add_a_provider.rst`` explains each step with a whole example):

1. a table of credentials: a subclass of `permabots.models.bot.IntegrationBot` with its ``SLUG``, a one-to-one ``bot``
   whose related name is the slug and ``_bot``, secrets in `permabots.models.encrypted.EncryptedCharField`, and a
   migration;
2. a subclass of `permabots.providers.base.contract.Provider` that names this table, in plain Python;
3. its `Client`, and one module that turns the API's refusals into errors;
4. its dotted path in ``PERMABOTS["PROVIDERS"]``;
5. payload fixtures, and a subclass of `permabots.testing.contract.ProviderContract` with their paths.

A provider may be in another package. No other module names a provider: URLs, the REST API, the admin, tasks and
commands are built from the registry.
"""
