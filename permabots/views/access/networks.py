"""Webhook calls from the networks alone that an operator has named for a provider."""

from __future__ import annotations

from django.http import HttpRequest
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from permabots.exceptions import WebhookRejected
from permabots.providers.base.contract import Provider
from permabots.providers.base.networks import parse_address


def check_network(provider: Provider, request: HttpRequest) -> None:
    """Let calls through that come from a provider's networks; all of them where no network is named.

    Raises:
        WebhookRejected: the address is in none of the networks, or it is not known.
    """
    if not provider.allowed_networks:
        return
    address = parse_address(_address(request))
    if address is None or not any(address in network for network in provider.allowed_networks):
        where = "its address is not known" if address is None else f"the address {address} is not allowed"
        raise WebhookRejected(
            f"{where} by {provider.slug.upper()}_ALLOWED_NETWORKS", detail="Calls from this address are not taken."
        )


def _address(request: HttpRequest) -> str:
    """Return the address that a call comes from, as Django REST framework finds it for throttles.

    Without ``NUM_PROXIES`` the framework believes a header that anybody may write: the connection's own counts then.
    """
    if api_settings.NUM_PROXIES is None:
        return str(request.META.get("REMOTE_ADDR", ""))
    return str(BaseThrottle().get_ident(request) or "")  # type: ignore[arg-type] # it reads META alone
