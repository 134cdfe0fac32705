"""The playground, opened by a bot's owner and by others."""

from __future__ import annotations

from tests.admin.conftest import bot, owner, root, stranger
from tests.pipeline.conftest import user_api

__all__ = ["bot", "owner", "root", "stranger", "user_api"]
