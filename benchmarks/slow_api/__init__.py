"""How much later a bot answers while the API of another one hangs: ``python -m benchmarks.slow_api``."""
