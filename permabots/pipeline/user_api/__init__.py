"""Calls to users' APIs under limits: a slow or dead API harms its own author only."""
