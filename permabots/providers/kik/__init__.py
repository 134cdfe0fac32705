"""Kik, by its bot API."""
