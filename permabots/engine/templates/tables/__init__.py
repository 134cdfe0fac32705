"""What templates may compute with: operators, filters, tests, methods and functions, each with what it costs."""
