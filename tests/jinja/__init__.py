"""Jinja's own tests, run against the templates of permabots: ``make jinja-tests``."""
