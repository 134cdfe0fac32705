"""System checks: what is wrong with a project is said at start, by name, before it fails at work."""

from permabots.checks import deployment, project, surroundings, tables

__all__ = ["deployment", "project", "surroundings", "tables"]
