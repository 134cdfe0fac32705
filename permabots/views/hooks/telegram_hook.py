"""The documented name of the Telegram webhook's view."""

from permabots.views.hooks.base import HookView


class TelegramHookView(HookView):
    """Takes the events of Telegram in."""

    slug = "telegram"
