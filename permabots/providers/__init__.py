"""Messengers, one folder each.

To add one: a folder with a subclass of `permabots.providers.base.contract.Provider` and its `Client`, a table of
credentials (a subclass of `permabots.models.bot.IntegrationBot`), and its dotted path in ``PERMABOTS["PROVIDERS"]``.
Nothing else names a provider: URLs, rows, tasks and commands are built from the registry.
"""
