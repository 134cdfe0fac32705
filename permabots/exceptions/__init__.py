"""Every error that permabots raises on purpose. Each has the data that its handling needs; none has a secret."""

from __future__ import annotations

from permabots.exceptions.base import (
    UNFORESEEN,
    Busy,
    ConfigurationError,
    IntegrationRefused,
    LeaseLost,
    NothingToRetry,
    PermabotsError,
    SecretUnreadable,
    TooManyAtOnce,
    TooManyCalls,
)
from permabots.exceptions.engine import (
    DefinitionError,
    KeyboardError,
    NoResponse,
    PatternError,
    PatternTimeout,
    RenderLimitExceeded,
    RequestFailed,
    TemplateError,
)
from permabots.exceptions.hooks import DataIncomplete, HookPostRefused, KeyReused, QuotaReached, RecipientsUnknown
from permabots.exceptions.providers import (
    ContentRefused,
    CredentialsRefused,
    PermanentError,
    ProviderError,
    RecipientGone,
    RecipientMoved,
    Retryable,
)
from permabots.exceptions.webhooks import IgnoredEvent, MalformedWebhook, WebChatRefused, WebhookRejected

__all__ = [
    "UNFORESEEN",
    "Busy",
    "ConfigurationError",
    "ContentRefused",
    "CredentialsRefused",
    "DataIncomplete",
    "DefinitionError",
    "HookPostRefused",
    "IgnoredEvent",
    "IntegrationRefused",
    "KeyReused",
    "KeyboardError",
    "LeaseLost",
    "MalformedWebhook",
    "NoResponse",
    "NothingToRetry",
    "PatternError",
    "PatternTimeout",
    "PermabotsError",
    "PermanentError",
    "ProviderError",
    "QuotaReached",
    "RecipientGone",
    "RecipientMoved",
    "RecipientsUnknown",
    "RenderLimitExceeded",
    "RequestFailed",
    "Retryable",
    "SecretUnreadable",
    "TemplateError",
    "TooManyAtOnce",
    "TooManyCalls",
    "WebChatRefused",
    "WebhookRejected",
]
