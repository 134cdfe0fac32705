"""How rows look in the REST API."""
