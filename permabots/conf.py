"""The one reader of ``settings.PERMABOTS``: every key typed and defaulted here, checked in `permabots.checks`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, fields
from typing import Any

from django.conf import settings

from permabots import limits
from permabots.exceptions import ConfigurationError
from permabots.setting_contents import content_problem, number_problem

DEFAULT_PROVIDERS = (
    "permabots.providers.telegram.provider.Telegram",
    "permabots.providers.kik.provider.Kik",
    "permabots.providers.messenger.provider.Messenger",
)
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Pages load scripts, styles and pictures from the project's own files, and run nothing that stands in the page."""
DEFAULT_AUTHENTICATION = (
    "permabots.views.access.authentication.ApiTokenAuthentication",
    "rest_framework.authentication.TokenAuthentication",
)


@dataclass(frozen=True, slots=True)
class Config:
    """``settings.PERMABOTS``, one field a key (in lower case), with its default.

    Args:
        providers: dotted paths of the providers in use.
        webhook_domain: where providers reach this project; None for ``MICROBOT_WEBHOOK_DOMAIN`` or the current Site.
        webhook_new_events: new events that one webhook call stores; a call with more is to be repeated, until all are
            stored. What the provider documents for one call is always stored whole.
        webhook_max_events: events that one webhook call may have; a call with more is refused. What the provider
            documents is always taken.
        api_authentication_classes: dotted paths of the REST API's and the notification hooks' authentication.
        api_throttles: how often somebody may call the REST API and notification hooks, by the name of the limit.
        quotas: how many rows there may be, by the name of the quota.
        api_ignores_unknown_fields: whether the REST API drops fields it does not know, as 2.2.3 did, or refuses them.
        api_shows_secrets: whether the REST API answers credentials and secret variables, as 2.2.3 did, or masks.
        encryption_keys: Fernet keys of what is secret in the database: the first encrypts, all decrypt; none for a key
            derived from ``SECRET_KEY``.
        quote_incoming: whether an answer's first message quotes the message it answers.
        request_timeout: seconds a call to a user API may take, all in all.
        request_max_bytes: the largest response read from a user API, in bytes.
        request_allowed_hosts: hosts, ``host:port`` or networks that the private-network guard lets through.
        simulation_timeout: seconds the user API may take for a simulation or a turn in the playground, all in all;
            never more than `request_timeout`.
        simulations_per_author: simulations, turns in the playground and runs of tests that one author may have at once
            on one host; 0 for any number.
        simulations: those of all authors together; 0 for any number.
        request_proxy: the HTTP proxy that calls to user APIs go through, ``http://[user:password@]host[:port]``; None
            for none.
        request_concurrency: calls to user APIs that a bot may have in flight in one worker; 0 for half of its slots.
        breaker_failures: after so many calls in a row without a response an API is not called for a while; 0 for never.
        breaker_seconds: how long it is not called, in seconds; doubled each time that it fails again.
        match_timeout: seconds one regular expression may run on one message.
        render_timeout: seconds of CPU time that all templates of one answer may take; the limit of steps ends a
            template before, as a rule.
        render_max_chars: the longest output of one template, in characters.
        conversation_test_timeout: seconds one run of conversation tests may take over HTTP and in the admin.
        send_timeout: seconds one call to a provider may take, all in all.
        send_attempts: after so many attempts an outgoing message is parked: by default after half an hour.
        turn_attempts: after so many attempts an incoming message is parked.
        worker_deaths: after so many deaths of workers in a row, in turns of one bot's messages, the bot has one turn at
            once for a while; 0 for never.
        retry_base: seconds before the first retry of a send; doubled for each further one.
        retry_max: the longest pause between two attempts, in seconds (a provider's own ``retry_after`` is kept whole).
        lease: seconds a worker keeps a conversation without renewing its lease.
        drain_turns: turns of one conversation in one drain, before a worker takes another conversation.
        drain_seconds: seconds of one drain, before a worker takes another conversation.
        sweep_interval: seconds between two sweeps.
        sweep_batch: conversations one sweep wakes at most.
        wake_interval: seconds before a sweep wakes the same conversation again.
        fan_out_batch: recipients of a notification stored in one transaction.
        cache_seconds: how long a webhook uses an entry of a shared cache (2 at most with a process-local one).
        compiled_bots: bots whose compiled definitions are kept in one process.
        retention_days: how old finished rows are that ``permabots_purge`` deletes, in days.
        retention_button_days: after so many days since it was last sent, ``permabots_purge`` deletes the data of a
            button that was too long for its provider; 0 for never.
        retention_context_days: after so many days without a message, ``permabots_purge`` empties a chat's context; 0
            for never.
        retention_event_days: after so many days, ``permabots_purge`` deletes events of bots; 0 for never.
        ready_seconds: how long a message may be due and unfinished before ``readyz`` reports it.
        metrics_token: the bearer token that a scraper of the metrics sends, and who wants the details of ``readyz``;
            None for none: then both are closed.
        metrics_public: whether both are open without a token, where nobody else reaches their addresses.
        content_security_policy: the ``Content-Security-Policy`` of pages in HTML; None for no such header.
        provider_options: every key that begins with a provider's slug (``TELEGRAM_API_URL``), by the key's full name.
    """

    providers: tuple[str, ...] = DEFAULT_PROVIDERS
    webhook_domain: str | None = None
    webhook_new_events: int = 100
    webhook_max_events: int = 5000
    api_authentication_classes: tuple[str, ...] = DEFAULT_AUTHENTICATION
    api_throttles: Mapping[str, str] = field(default_factory=lambda: limits.in_force({}, limits.RATES))
    quotas: Mapping[str, int] = field(default_factory=lambda: limits.in_force({}, limits.QUOTAS))
    api_ignores_unknown_fields: bool = False
    api_shows_secrets: bool = False
    encryption_keys: tuple[str, ...] = field(default=(), repr=False)
    quote_incoming: bool = True
    request_timeout: float = 10.0
    request_max_bytes: int = 1_000_000
    request_allowed_hosts: tuple[str, ...] = ()
    simulation_timeout: float = 10.0
    simulations_per_author: int = 3
    simulations: int = 6
    request_proxy: str | None = None
    request_concurrency: int = 0
    breaker_failures: int = 5
    breaker_seconds: float = 30.0
    match_timeout: float = 0.25
    render_timeout: float = 2.0
    render_max_chars: int = 100_000
    conversation_test_timeout: float = 20.0
    send_timeout: float = 15.0
    send_attempts: int = 15
    turn_attempts: int = 3
    worker_deaths: int = 5
    retry_base: float = 1.0
    retry_max: float = 300.0
    lease: float = 60.0
    drain_turns: int = 20
    drain_seconds: float = 20.0
    sweep_interval: float = 10.0
    sweep_batch: int = 500
    wake_interval: float = 30.0
    fan_out_batch: int = 500
    cache_seconds: float = 60.0
    compiled_bots: int = 256
    retention_days: int = 90
    retention_button_days: int = 730
    retention_context_days: int = 365
    retention_event_days: int = 730
    ready_seconds: float = 300.0
    metrics_token: str | None = None
    metrics_public: bool = False
    content_security_policy: str | None = PAGE_POLICY
    provider_options: Mapping[str, str] = field(default_factory=dict)

    def options_of(self, slug: str) -> dict[str, str]:
        """Return the options of one provider: ``{"api_url": …}`` of ``TELEGRAM_API_URL`` for ``telegram``.

        Args:
            slug: the provider's slug.
        """
        prefix = slug.upper() + "_"
        return {
            key[len(prefix) :].lower(): value for key, value in self.provider_options.items() if key.startswith(prefix)
        }


_FIELDS = {item.name.upper(): item for item in fields(Config) if item.name != "provider_options"}
_DEFAULTS = Config()
_LIMITS: dict[str, tuple[Mapping[str, Any], Callable[[str, Any], str | None]]] = {
    "API_THROTTLES": (limits.RATES, limits.rates_problem),
    "QUOTAS": (limits.QUOTAS, limits.quotas_problem),
}
"""Key -> the defaults of its limits, and what says what is wrong with it."""


def problems(raw: Any) -> list[str]:
    """Return what is wrong with ``settings.PERMABOTS``.

    Args:
        raw: the setting as the project wrote it.

    Returns:
        One sentence for each problem; none when the setting can be used.
    """
    if not isinstance(raw, Mapping):
        return ["it must be a dict"]
    found = [problem for key, value in raw.items() if (problem := _problem(key, value))]
    if found:
        return found
    config = _build(raw)
    longest = max(config.request_timeout, config.send_timeout, config.render_timeout)
    if config.lease <= 2 * longest:
        found.append(f"LEASE ({config.lease:g} s) must be more than twice the longest single step ({longest:g} s)")
    return found


def get_config() -> Config:
    """Return the settings in force.

    Raises:
        ConfigurationError: a key is unknown or of the wrong type.
    """
    raw = getattr(settings, "PERMABOTS", {})
    found = _latest[0]
    if found is None or found.raw != raw:
        found = _latest[0] = _Read(deepcopy(raw), _checked(raw))
    return found.config


@dataclass(frozen=True, slots=True)
class _Read:
    """The settings as they were read, with the `Config` built from them. `raw` is a copy: a project may change its dict
    in place."""

    raw: Any
    config: Config


_latest: list[_Read | None] = [None]


def config_at_start() -> Config:
    """Return the settings in force; the defaults where the settings cannot be used, which a system check reports."""
    raw = getattr(settings, "PERMABOTS", {})
    return Config() if problems(raw) else get_config()


def _checked(raw: Any) -> Config:
    if found := problems(raw):
        raise ConfigurationError("settings.PERMABOTS: " + "; ".join(found))
    return _build(raw)


def _build(raw: Mapping[str, Any]) -> Config:
    values = {_FIELDS[key].name: _coerced(key, value) for key, value in raw.items() if key in _FIELDS}
    return Config(**values, provider_options={key: str(value) for key, value in raw.items() if key not in _FIELDS})


def _coerced(key: str, value: Any) -> Any:
    if key in _LIMITS:
        return limits.in_force(value, _LIMITS[key][0])
    default = getattr(_DEFAULTS, _FIELDS[key].name)
    if isinstance(default, tuple):
        return tuple(item if isinstance(item, str) else f"{item.__module__}.{item.__qualname__}" for item in value)
    return float(value) if isinstance(default, float) else value


def _problem(key: str, value: Any) -> str | None:
    """Say what is wrong with one entry. A key that is no field must be an option of a provider: one plain value."""
    if key not in _FIELDS:
        plain = isinstance(value, str | int | float)
        if key.isupper() and "_" in key and plain and not _misspelt(key):
            return None
        return f"{key} is no setting of permabots"
    if key in _LIMITS:
        return _LIMITS[key][1](key, value)
    default = getattr(_DEFAULTS, _FIELDS[key].name)
    if isinstance(default, tuple):
        if isinstance(value, str) or not all(isinstance(item, str | type) for item in value):
            return f"{key} must be a list of texts"
        return content_problem(key, value)
    if isinstance(default, bool):
        return None if isinstance(value, bool) else f"{key} must be True or False"
    if isinstance(default, int | float):
        return number_problem(key, value, int if isinstance(default, int) else int | float)
    return content_problem(key, value) if isinstance(value, str | None) else f"{key} must be a text or None"


def _misspelt(key: str) -> bool:
    """Whether a key has the first word of a field, and so is no option: those begin with a provider's slug."""
    return key.split("_")[0] in {name.split("_")[0] for name in _FIELDS}
