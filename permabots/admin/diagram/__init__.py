"""The state diagram of a bot."""
