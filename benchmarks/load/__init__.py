"""A program that posts Telegram updates to a webhook: ``python -m benchmarks.load``, in a process of its own."""
