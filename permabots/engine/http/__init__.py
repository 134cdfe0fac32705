"""The request to the user's own API: built, checked against forged addresses, sent within a time limit, read."""
