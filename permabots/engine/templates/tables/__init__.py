"""The operators, filters, tests, methods and functions of templates. Each charges its cost to the budget."""
