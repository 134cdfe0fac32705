"""A messenger of nobody: a provider in a Django app of its own, as another package would bring it."""
