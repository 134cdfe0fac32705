"""HTTP: webhooks of providers, notification hooks, the REST API."""
