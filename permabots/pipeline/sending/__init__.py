"""Messages leave in order, at the provider's rate, and none is tried without end."""
