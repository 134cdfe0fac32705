"""Making templates ready: parsed by Jinja, turned into functions of ours once, evaluated as often as wanted.

`program` is the way in. Nothing of a template is ever executed by Python: a node, a filter, a test, a method or a
function that no table names is refused.
"""
