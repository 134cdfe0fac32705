"""Jinja, as a stranger may use it: every step of a template bounded, every value escaped for the place it stands in.

`environment` puts the parts together. A template's syntax tree is rewritten (`rewriting`) so that each step goes
through one of our functions; those charge what they make to the running `budget`, and know which texts are the author's
own (`escaping`). `operators`, `methods` and `filters` are what a template may compute with.
"""
