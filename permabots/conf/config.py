"""The value of ``settings.PERMABOTS``: every key with its type, its meaning and its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from permabots.conf import limits

DEFAULT_PROVIDERS = (
    "permabots.providers.telegram.provider.Telegram",
    "permabots.providers.kik.provider.Kik",
    "permabots.providers.messenger.provider.Messenger",
    "permabots.providers.web.provider.Web",
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
        webhook_rate: messages of one account that a web process takes in a second; a call beyond them is refused, and
            is to be repeated. 0 for any number.
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
        request_concurrency: calls to user APIs that a bot may have in flight in one worker; 0 for as many as its owner.
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
        worker_deaths: after so many deaths of workers in a row, by one bot's messages or notifications, the bot has
            one turn at once for a while; 0 for never.
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
        versions: how many versions of each bot are kept, so that it can be restored.
        ready_seconds: how long a message may be due and unfinished before ``readyz`` reports it.
        metrics_token: the bearer token that a scraper of the metrics sends, and who wants the details of ``readyz``;
            None for none: then both are closed.
        metrics_public: whether both are open without a token, where nobody else reaches their addresses.
        webchat_session_days: days after which a device must begin a new conversation in the web chat, or sign in again.
        webchat_limits: how much people may do in web chats, by the name of the limit.
        webchat_unfinished: messages of one person in a web chat that may wait for their answers at once; 0 for any
            number.
        webchat_trusted_proxies: proxies in front of this project whose ``X-Forwarded-For`` names people's addresses; 0
            for none: then the address is that of the connection.
        webchat_admit: dotted path of a function that gets the request for a new conversation in a web chat and returns
            whether it may begin; None for always.
        webchat_answer_here: whether a thread of the web process answers web chats, so that no worker and no broker is
            needed to try a bot; None for ``DEBUG``.
        content_security_policy: the ``Content-Security-Policy`` of pages in HTML; None for no such header.
        provider_options: every key that begins with a provider's slug (``TELEGRAM_API_URL``), by the key's full name.
    """

    providers: tuple[str, ...] = DEFAULT_PROVIDERS
    webhook_domain: str | None = None
    webhook_new_events: int = 100
    webhook_max_events: int = 5000
    webhook_rate: int = 50
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
    simulations_per_author: int = 4
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
    drain_turns: int = 5
    drain_seconds: float = 2.0
    sweep_interval: float = 10.0
    sweep_batch: int = 500
    wake_interval: float = 30.0
    fan_out_batch: int = 50
    cache_seconds: float = 60.0
    compiled_bots: int = 256
    retention_days: int = 90
    retention_button_days: int = 730
    retention_context_days: int = 365
    retention_event_days: int = 730
    versions: int = 200
    ready_seconds: float = 300.0
    metrics_token: str | None = None
    metrics_public: bool = False
    webchat_session_days: int = 30
    webchat_limits: Mapping[str, str] = field(default_factory=lambda: limits.in_force({}, limits.WEBCHAT_RATES))
    webchat_unfinished: int = 5
    webchat_trusted_proxies: int = 0
    webchat_admit: str | None = None
    webchat_answer_here: bool | None = None
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
