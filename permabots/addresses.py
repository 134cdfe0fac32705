"""The addresses at which messengers and users' programs reach this project."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.module_loading import import_string

from permabots.conf import get_config
from permabots.exceptions import ConfigurationError

PROCESSING = "permabots"
"""The namespace of ``permabots.urls_processing``."""
CHAT = "chat"
"""The namespace of ``permabots.urls_chat``."""


def webhook_base_url() -> str:
    """Return the scheme and host under which providers reach this project, without a trailing slash.

    ``PERMABOTS["WEBHOOK_DOMAIN"]`` first, then ``MICROBOT_WEBHOOK_DOMAIN``, then the current Site. A value without
    scheme means https; http is taken for loopback only, since every provider demands TLS. A path behind the domain is
    where the project is mounted.

    Raises:
        ConfigurationError: no domain is set anywhere, or an http one is not on this machine.
    """
    domain = get_config().webhook_domain or getattr(settings, "MICROBOT_WEBHOOK_DOMAIN", None) or _site_domain()
    scheme, _, host = domain.rpartition("://")
    host = host.strip("/")
    authority = host.partition("/")[0]
    name = authority.rsplit(":", 1)[0] if not authority.endswith("]") else authority
    if scheme == "http" and name not in {"localhost", "127.0.0.1", "[::1]"}:
        raise ConfigurationError(f"the webhook domain {domain} must be https: http is for this machine only")
    return f"{scheme or 'https'}://{host}"


def webhook_url(view: str, **arguments: Any) -> str:
    """Return the whole address of a view of ``permabots.urls_processing``.

    Args:
        view: the view's name.
        arguments: the arguments of its URL.

    Raises:
        ConfigurationError: no domain is known, or the URLs are not included as ``permabots``.
    """
    base = webhook_base_url()
    try:
        path = reverse(f"{PROCESSING}:{view}", kwargs=arguments)
    except NoReverseMatch:
        raise ConfigurationError(
            "permabots.urls_processing is not in the project's URLs, or not under the namespace 'permabots'"
        ) from None
    return _at(base, path)


def chat_url(slug: str) -> str:
    """Return the address of a web chat's page: a whole one where the project's domain is known, else its path.

    Args:
        slug: the last part of the address.

    Returns:
        "" where ``permabots.urls_chat`` is not included as ``chat``.
    """
    try:
        path = reverse(f"{CHAT}:page", kwargs={"slug": slug})
    except NoReverseMatch:
        return ""
    try:
        return _at(webhook_base_url(), path)
    except ConfigurationError:
        return path


def _at(base: str, path: str) -> str:
    """Return a path below the project's domain."""
    if urlsplit(base).path:
        # The domain already holds the path of the mount. A web server sets it as script prefix, a command does not.
        path = "/" + path.removeprefix(get_script_prefix())
    return base + path


def _site_domain() -> str:
    if "django.contrib.sites" not in settings.INSTALLED_APPS:
        raise ConfigurationError(
            "no webhook domain: set PERMABOTS['WEBHOOK_DOMAIN'] or MICROBOT_WEBHOOK_DOMAIN, "
            "or install django.contrib.sites"
        )
    # Imported here: the model exists only where the app is installed, and settings are read before apps are ready.
    return str(import_string("django.contrib.sites.models.Site").objects.get_current().domain)
