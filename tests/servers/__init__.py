"""Real PostgreSQL and Redis servers for tests, on 127.0.0.1 and free ports, without root and without installation.

``python -m tests.servers`` starts both, prints where they are, and waits.
"""

from tests.servers.postgres import Postgres
from tests.servers.process import Server, ServerFailed
from tests.servers.redis import Redis

__all__ = ["Postgres", "Redis", "Server", "ServerFailed"]
