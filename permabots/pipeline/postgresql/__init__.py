"""The statements of a message's way, written by hand for PostgreSQL: each does what takes several by the ORM.

Beside each stands the way by the ORM, which other databases take: it says what the statement means, and the same tests
run both. Each is one statement in autocommit, so it is a transaction of its own.
"""
