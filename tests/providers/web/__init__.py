"""Tests of the web chat as a provider."""
