"""What operators do, and timers for them: sweep, retry, purge, count."""
