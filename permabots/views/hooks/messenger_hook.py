"""The documented name of the Messenger webhook's view."""

from permabots.views.hooks.base import HookView


class MessengerHookView(HookView):
    """Takes the events of Messenger in."""

    slug = "messenger"
