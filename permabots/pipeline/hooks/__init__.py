"""Notification hooks: what was posted, who is told, what they are told, and how fast."""
