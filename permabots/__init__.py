"""Permabots: configure a chat bot once, serve it on several messengers.

A reusable Django app. A message comes in by a provider's webhook, the first handler that matches is chosen, it may
call the author's own API, and the rendered answer is sent by the provider's client. ``docs/`` describes each step.
"""

__version__ = "3.0.0"
