"""The web chat, as its page uses it."""
