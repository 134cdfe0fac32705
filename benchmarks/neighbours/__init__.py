"""What one author who does all they can costs another one: ``python -m benchmarks.neighbours``."""
