"""System checks: they report the problems of a project's settings at start, before a message meets them."""

from permabots.checks import deployment, project, tables, web_chat, web_server

__all__ = ["deployment", "project", "tables", "web_chat", "web_server"]
