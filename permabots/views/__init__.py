"""HTTP doors: webhooks of providers, notification hooks, the REST API."""
