"""The request to a user API: built, guarded against server-side request forgery, sent within a time limit, read."""
