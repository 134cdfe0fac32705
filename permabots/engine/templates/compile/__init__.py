"""Compiling templates: Jinja parses them, and each node of the syntax tree becomes a function of this package.

`program` is the public interface. Python never executes any part of a template: a node, filter, test, method or
function that is in no table is refused.
"""
