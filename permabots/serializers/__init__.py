"""The serializers of the REST API."""
