"""Webhooks of providers, and notification hooks."""
