"""Outages, measured: what becomes of messages while Redis, PostgreSQL or a chat is away. ``make outages``.

Each scenario runs PostgreSQL, Redis, gunicorn and Celery workers as processes of their own, with the demo project and a
stand-in Telegram, breaks one thing, and prints what it cost. A promise that is broken ends the run with status 1.
"""
