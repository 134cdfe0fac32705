"""The schema of the REST API in OpenAPI 3, and its page."""
