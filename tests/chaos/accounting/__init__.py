"""The account of every message: what a run under faults, or the database of a project, shows of the promises.

`script` writes a seeded script of messages and faults, `bot` is the bot that the messages are for with a plain model
of it, `account` compares what was said with what arrived, `report` prints it. They are plain Python. `rows` reads the
rows of a run, `ledger` those of any project; both need Django. What kills and pauses processes is in `tests.chaos`.
"""
