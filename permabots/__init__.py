"""Permabots: configure a chat bot once, serve it on several messengers.

A reusable Django app. A message comes in by a provider's webhook, the first handler that fits is chosen, it may
call the user's own API, and the rendered answer leaves through the provider's client. ``docs/`` tells the whole way.
"""

__version__ = "3.0.0"
