"""A bot as a document: all that its author wrote, as JSON or YAML that a file can hold.

`format` has what a document may hold, `apply` makes bots of documents, `snapshot` documents of bots.
"""

from permabots.pipeline.authoring.documents.apply import apply, create, plan
from permabots.pipeline.authoring.documents.changes import Action, Change, in_words
from permabots.pipeline.authoring.documents.examples import example, examples
from permabots.pipeline.authoring.documents.format import FORMAT, VERSION, check, schema
from permabots.pipeline.authoring.documents.snapshot import export
from permabots.pipeline.authoring.documents.text import FORMS, dumps, loads

__all__ = [
    "FORMAT",
    "FORMS",
    "VERSION",
    "Action",
    "Change",
    "apply",
    "check",
    "create",
    "dumps",
    "example",
    "examples",
    "export",
    "in_words",
    "loads",
    "plan",
    "schema",
]
