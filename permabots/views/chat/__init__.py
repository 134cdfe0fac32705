"""The pages of the web chat: what a browser asks for."""
