"""What the server of a site does that signs who its people are."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

SECRET = "the-site-keeps-this-secret-0123456789"
OTHER = "another-secret-of-the-site-0123456789"


def signed(chat: Any, secret: str = SECRET, **content: Any) -> str:
    """Return the identity of a person, who is Ann where nothing else is said."""
    values = {"id": "ann", "name": "Ann", "exp": int(time.time()) + 3600, **content}
    return signed_text(str(chat.slug), secret, json.dumps({name: it for name, it in values.items() if it is not None}))


def signed_text(slug: str, secret: str, content: str) -> str:
    """Return any text as a site would sign it."""
    first = base64.urlsafe_b64encode(content.encode()).rstrip(b"=").decode()
    return f"{first}.{hmac.new(secret.encode(), f'{slug}.{first}'.encode(), hashlib.sha256).hexdigest()}"
