"""The documented name of the Kik webhook's view."""

from permabots.views.hooks.base import HookView


class KikHookView(HookView):
    """Takes the events of Kik in."""

    slug = "kik"
