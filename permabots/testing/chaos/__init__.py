"""The account of every message: what a run under faults, or an operator's own database, shows of the promises.

`script` writes a seeded script of messages and faults, `bot` is the bot that the messages are for with a plain model
of it, `account` compares what was said with what arrived, `report` prints it. They are plain Python. `rows` reads the
rows of permabots, and needs Django. What kills and pauses processes is no part of this package: in the repository of
permabots ``make chaos`` does it, on the servers of its tests.
"""
