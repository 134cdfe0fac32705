"""Signing requests to user APIs, so that an API can tell its bot's requests from everybody else's.

The header has the form that Stripe made common: ``Permabots-Signature: t=<Unix time>,v1=<hex>``, one ``v1`` for each
secret in force. A signature is the HMAC-SHA256 of the time, the method, the path with its query, and the body, with a
line feed behind each of the first three, none of which can hold one.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass, field

import requests

HEADER = "Permabots-Signature"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs the requests of one bot.

    Args:
        secrets: the secrets in force, the newest first.
    """

    secrets: tuple[str, ...] = field(repr=False)

    def sign(self, request: requests.PreparedRequest) -> None:
        """Put the signature of this moment on a request, in place of the one that it has.

        Args:
            request: with its final method, address and body.
        """
        moment = str(int(time.time()))
        body = request.body or b""
        signed = f"{moment}\n{request.method}\n{request.path_url}\n".encode()
        signed += body.encode() if isinstance(body, str) else body
        digests = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in self.secrets]
        request.headers[HEADER] = ",".join([f"t={moment}", *(f"v1={digest}" for digest in digests)])
