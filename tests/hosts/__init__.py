"""Host projects: each as ``django-admin startproject`` makes it, with one thing of its own, and a bot that lives in it.

``python -m tests.hosts`` (``make hosts``) runs all of them, ``tests.hosts.test_quick`` those that need no server.
"""
