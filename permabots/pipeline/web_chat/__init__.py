"""The web chat as a messenger: who talks, what they say, what they read. It takes the place of a provider's server."""
