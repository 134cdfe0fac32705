"""The expressions of Jinja's language, by the type of what they give, so that most of them make sense.

``@`` and a type's name stands for any expression of that type.
"""

from __future__ import annotations

import re

from tests.engine.templates_properties.choices import Choices

NAMES = {
    **dict.fromkeys(("n", "m", "i", "j", "f", "ns.a"), "num"),
    **dict.fromkeys(("s", "t", "k", "v", "ns.b"), "text"),
    **dict.fromkeys(("yes",), "bool"),
    **dict.fromkeys(("xs", "zs"), "nums"),
    **dict.fromkeys(("ys", "ws"), "texts"),
    **dict.fromkeys(("d",), "dict"),
    **dict.fromkeys(("row", "r"), "row"),
    **dict.fromkeys(("rows",), "rows"),
    **dict.fromkeys(("deep", "nothing", "tree", "a"), "any"),
}
"""The names that templates use, and the type of the value that each has in every template."""

GIVEN = ("n", "m", "f", "s", "t", "yes", "xs", "ys", "d", "row", "rows", "deep", "nothing", "tree")
"""The names that a template sees from the beginning."""

LEAVES = {
    "num": ["1", "2", "0", "3", "10", "1.5", "-1", "0x1f", "1_000", "2e2", "0b11", "true"],
    "text": ["'a'", "'b c'", '"it\'s"', "''", "'<i>&'", r"'\n\'\u00e9'", "'x' 'y'", "'Foo bar'", "'12'", "'a-b'"],
    "bool": ["true", "false", "True", "not false"],
    "nums": ["[1, 2, 3]", "[]", "[3, 1, 2]", "(1, 2)", "range(4)", "range(1, 9, 3)", "[1.5, 2]"],
    "texts": ["['a', 'b']", "['B', 'a', 'C']", "['a', 'A', 'b']", "('x', 'y')", "'a b c'.split()", "'abc'|list"],
    "dict": ["{'a': 1, 'b': 2}", "{}", "{'b': 1, 'a': 3, 'C': 2}", "dict(a=1)", "dict(x=1, **{'y': 2})"],
    "row": ["{'name': 'q', 'n': 4, 'tags': ['u']}", "dict(name='q', n=4, tags=[])"],
    "rows": ["[{'name': 'q', 'n': 4, 'tags': []}, {'name': 'p', 'n': 4, 'tags': ['z']}]", "[]"],
    "pairs": ["[(1, 'a'), (2, 'b')]", "[[1, 'a']]", "d|dictsort", "d.items()"],
    "any": ["none", "missing", "missing.x", "()", "(1, 'a')", "[[1], 'a']", "{'x': [1]}", "None"],
    "small": ["1", "2", "3", "0", "5", "-1"],
    "key": ["'a'", "'b'", "'name'", "'n'", "'missing'", "'items'", "0", "1"],
}

IN_LOOP = {
    "num": ["loop.index", "loop.index0", "loop.revindex", "loop.revindex0", "loop.length", "loop.depth", "loop.depth0"],
    "text": ["loop.cycle('odd', 'even')", "loop.cycle(*['p', 'q', 'r'])"],
    "bool": ["loop.first", "loop.last", "loop.changed(m)", "loop.previtem is defined", "loop.nextitem is undefined"],
    "any": ["loop.previtem", "loop.nextitem"],
}

CALLS = {
    "greet": ["greet(@text)", "greet(@text, @num)", "greet(j=@num, k=@text)", "greet()", "greet(*[@text, @num])"],
    "many": ["many(@num, @text, x=@any)", "many()", "many(@text, **{'x': @num})", "many(*@texts)"],
    "wrap": ["wrap()", "wrap(@text)"],
    "turn": ["turn.next()", "turn.current"],
    "comma": ["comma()"],
    "stored": ["stored", "stored|length|string", "stored|upper"],
    "self.part": ["self.part()"],
}
"""What gives a text once a template has defined it."""

EVERY = [
    "@same if @bool else @same",
    "@same or @same",
    "@same and @same",
    "@same|default(@same)",
    "(@same,)[0]",
    "[@same, @same]|first",
    "[@same]|last",
    "{'k': @same}.k",
    "{'k': @same}['k']",
    "missing|default(@same)",
    "missing.a.b or @same",
    "(@same)",
]
"""Ways to get a value of the same type."""

PRODUCTIONS = {
    "num": [
        *("@num + @num", "@num - @num", "@num * @num", "@num / @num", "@num // 3", "@num % 4", "-@num", "+@num"),
        *("@small ** 2", "2 ** @small", "@num|abs", "@num|round", "@num|round(1)", "@num|round(-1, 'floor')"),
        *(
            "@num|round(method='ceil')",
            "@num|int",
            "@num|float",
            "@text|int",
            "@text|int(7)",
            "@text|float",
            "@text|length",
        ),
        *(
            "@text|wordcount",
            "@texts|count",
            "@nums|sum",
            "@nums|sum(start=5)",
            "@rows|sum('n')",
            "@nums|max",
            "@nums|min",
        ),
        *(
            "@nums|first",
            "@nums|last",
            "@nums[0]",
            "@nums[-1]",
            "@nums.0",
            "@row.n",
            "@row['n']",
            "@dict.a",
            "@dict['b']",
        ),
        *("@dict.get('a', @num)", "@text.count('a')", "@text.find(@text)", "@texts.count(@text)", "@row|length"),
        *(
            "@rows|map(attribute='n')|sum",
            "(@nums|map('abs')|list)[0]",
            "@text|int(base=16)",
            "(@num, @num)[@bool|int]",
        ),
        *(
            "@bool + @num",
            "@nums|select('odd')|list|length",
            "@rows|max(attribute='n')|attr('n')",
            "@texts.index(@text)",
        ),
        *(
            "dict(a=@num).a",
            "(@dict|dictsort)[0][1]",
            "@texts|unique|list|length",
            "@any|length",
            "@any|default(1)|int",
        ),
    ],
    "text": [
        *("@any ~ @any", "@text ~ @num ~ @text", "@text + @text", "@text * @small", "@num|string", "@any|string"),
        *(
            "@text|upper",
            "@text|lower",
            "@text|capitalize",
            "@text|title",
            "@text|trim",
            "@text|trim('a ')",
            "@text|reverse",
        ),
        *(
            "@text|replace('a', @text)",
            "@text|replace('b', 'x', 1)",
            "@text|truncate(5)",
            "@text|truncate(4, true, '..', 0)",
        ),
        *(
            "@text|center(9)",
            "@text|indent(2)",
            "@text|indent('>', true, true)",
            "@text|wordwrap(5)",
            "@text|default('x', true)",
        ),
        *(
            "@text|wordwrap(3, false)",
            "@text|e",
            "@text|escape",
            "@text|forceescape",
            "@text|striptags",
            "@text|urlencode",
        ),
        *(
            "@dict|urlencode",
            "@any|tojson",
            "@nums|tojson",
            "@row|tojson(2)",
            "@num|filesizeformat",
            "@num|filesizeformat(true)",
        ),
        *(
            "'%s and %s'|format(@any, @text)",
            "'%(a)s'|format(a=@text)",
            "'%05.1f' % @num",
            "'%s' % @text",
            "'%r' % @text",
        ),
        *(
            "'%s-%s' % (@text, @num)",
            "@texts|join",
            "@texts|join(', ')",
            "@nums|join('|')",
            "@rows|join(', ', attribute='name')",
        ),
        *(
            "@text.upper()",
            "@text.title()",
            "@text.strip()",
            "@text.lstrip('a')",
            "@text.rstrip()",
            "@text.replace('a', 'o')",
        ),
        *(
            "', '.join(@texts)",
            "@text.center(7, '*')",
            "@text.ljust(5)",
            "@text.rjust(5, '.')",
            "@text.zfill(4)",
            "@text.lower()",
        ),
        *(
            "@text.swapcase()",
            "@text.capitalize()",
            "@text[0]",
            "@text[-1]",
            "@text[1:]",
            "@text[::-1]",
            "@text[:@small]",
        ),
        *(
            "@text[@small:@small]",
            "@row.name",
            "@row['name']",
            "@texts|first",
            "@texts|last",
            "@texts[0]",
            "@texts|sort|join",
        ),
        *(
            "@texts|map('upper')|join(' ')",
            "@rows|map(attribute='name')|join",
            "@texts|min",
            "@texts|max",
            "@text|safe",
        ),
        *(
            "@text|first",
            "@text|last",
            "@text|string|upper|lower",
            "@text|d('z')",
            "@texts|map('replace', 'a', 'e')|join('/')",
        ),
    ],
    "bool": [
        *("@num < @num", "@num >= @num", "@num == @num", "@num != @num", "@num < @num <= @num", "1 < @num < 9 != @num"),
        *(
            "@text == @text",
            "@text < @text",
            "@nums == @nums",
            "@any == @any",
            "@any != @any",
            "not @bool",
            "@bool and @bool",
        ),
        *(
            "@bool or @bool",
            "@text in @text",
            "@num in @nums",
            "@text not in @texts",
            "@key in @dict",
            "not @num in @nums",
        ),
        *("@any is defined", "@any is undefined", "@any is none", "@any is not none", "@num is even", "@num is odd"),
        *(
            "@num is divisibleby 3",
            "@any is boolean",
            "@any is true",
            "@any is false",
            "@any is integer",
            "@any is float",
        ),
        *(
            "@any is number",
            "@any is string",
            "@any is mapping",
            "@any is iterable",
            "@any is sequence",
            "@text is lower",
        ),
        *(
            "@text is upper",
            "@num is eq(@num)",
            "@num is gt 2",
            "@num is le(@num)",
            "@any is in @nums",
            "@any is equalto @any",
        ),
        *(
            "@text.startswith('a')",
            "@text.endswith(@text)",
            "@any is callable",
            "@text is filter",
            "'odd' is test",
            "@bool == 1",
        ),
        *(
            "@text.isdigit()",
            "@any is sameas none",
            "@num is ne 1",
            "@num is lt(@num)",
            "@num is ge 1",
            "@num is lessthan 4",
            "@num is greaterthan 2",
        ),
        *("missing is undefined", "missing.x is defined", "not missing", "@num > 1 or @any", "@text.islower()"),
    ],
    "nums": [
        *(
            "[@num, @num]",
            "(@num, @num, @num)",
            "@nums + @nums",
            "@nums[1:]",
            "@nums[::-1]",
            "@nums|list",
            "@nums|sort",
        ),
        *(
            "@nums|sort(reverse=true)",
            "@nums|unique",
            "@nums|reverse",
            "@nums|map('abs')",
            "@texts|map('length')",
            "range(@small)",
        ),
        *(
            "@nums|select",
            "@nums|reject('even')",
            "@nums|select('gt', 1)",
            "@dict.values()",
            "@dict.values()|list|sort",
        ),
        *(
            "@rows|map(attribute='n')",
            "[@nums, @nums]|sum(start=[])",
            "@nums * 2",
            "[@num]",
            "@nums|select('divisibleby', 2)",
        ),
        *("@rows|map(attribute='missing', default=3)", "@nums|map('float')", "@nums[:@small]", "@nums|slice(2)|first"),
        *("@nums|map('round', 1)", "@nums|reject('none')|list", "@texts|map('int')", "@nums|map('string')|map('int')"),
    ],
    "texts": [
        *(
            "[@text, @text]",
            "@texts + @texts",
            "@texts|sort",
            "@texts|sort(true, true)",
            "@texts|unique",
            "@texts|reverse",
        ),
        *(
            "@texts|map('upper')",
            "@texts|map('trim')|list",
            "@text.split()",
            "@text.split('a', 1)",
            "@text.splitlines()",
        ),
        *(
            "@dict.keys()",
            "@dict|list",
            "@text|list",
            "@rows|map(attribute='name')",
            "@row.tags",
            "@rows|map(attribute='tags.0')",
        ),
        *(
            "@texts|select",
            "@texts|reject('in', @texts)",
            "@texts|select('equalto', @text)",
            "@nums|map('string')",
            "@texts[1:]",
        ),
        *(
            "@texts|unique(true)|list",
            "@texts|map('default', 'q')",
            "@texts|select('string')",
            "(@texts|batch(2, 'f')|list)[0]",
        ),
        *("@dict|sort", "@text.rsplit(' ')", "@text.partition('a')", "@texts|map('first')|select('defined')|list"),
    ],
    "dict": ["{'a': @num, 'c': @num}", "{@text: @num}", "dict(b=@num)", "dict(@dict, a=@num)", "{@text: 1, 'a': @num}"],
    "row": ["@rows|first", "@rows[0]", "{'name': @text, 'n': @num, 'tags': @texts}", "@rows|last"],
    "rows": [
        *("[@row, @row]", "@rows|sort(attribute='n')", "@rows|selectattr('n')", "@rows|rejectattr('n', 'odd')|list"),
        *(
            "@rows|selectattr('name', 'equalto', @text)",
            "@rows|sort(attribute='n,name')|list",
            "@rows|unique(attribute='n')",
        ),
        *(
            "@rows|sort(attribute='name', case_sensitive=true, reverse=true)",
            "@rows[:1]",
            "@rows|rejectattr('missing')",
        ),
        *("(@rows|groupby('n')|first)[1]", "@rows|selectattr('tags')|list", "@rows|selectattr('n', 'gt', 2)"),
    ],
    "pairs": ["[(@num, @text)]", "@dict|items", "@dict|dictsort(true)", "@dict|dictsort(by='value', reverse=true)"],
    "any": [
        *(
            "@num",
            "@text",
            "@bool",
            "@nums",
            "@texts",
            "@dict",
            "@row",
            "@pairs",
            "@rows",
            "deep",
            "deep[@key]",
            "deep.a",
        ),
        *(
            "deep[0]",
            "@row[@key]",
            "@dict[@key]",
            "deep.a.b.c",
            "@nums|batch(2)|list",
            "@texts|slice(2)",
            "@rows|groupby('n')",
        ),
        *(
            "@nums|batch(3, 0)",
            "@text|random|length",
            "(@num, @text)",
            "{'p': @any, 'q': @num}",
            "[@any, @num]",
            "@any|list",
        ),
        *(
            "@rows|groupby('name', default='-')",
            "@any[0]",
            "@any|first",
            "@any + @any",
            "@any in @any",
            "@any < @any",
            "-@any",
        ),
        *("@any|d", "@any.0", "@row.missing", "@nums[9]", "@nums|first|string"),
    ],
    "small": ["1 + 1", "@nums|length"],
    "key": ["@text"],
}

_HOLE = re.compile("@([a-z]+)")
_ATOM = re.compile(r"[\w.]+|'[^'\\]*'")


class Expressions:
    """Makes expressions.

    Args:
        choices: decide which.
    """

    def __init__(self, choices: Choices) -> None:
        self.choices = choices

    def make(self, kind: str, known: frozenset[str], depth: int) -> str:
        """Return an expression.

        Args:
            kind: the type of what it gives.
            known: the names that are defined, ``loop`` among them inside of one.
            depth: how deep it may nest.
        """
        if depth <= 0 or self.choices.chance(5):
            return self._leaf(kind, known, depth)
        options = EVERY if self.choices.chance(8) else PRODUCTIONS[kind]
        return self.fill(self.choices.pick(options).replace("@same", f"@{kind}"), known, depth - 1)

    def fill(self, pattern: str, known: frozenset[str], depth: int) -> str:
        """Return a pattern with an expression in every hole."""
        return _HOLE.sub(lambda hole: self._operand(self.make(hole[1], known, depth)), pattern)

    def _operand(self, expression: str) -> str:
        if _ATOM.fullmatch(expression) or self.choices.chance(12):
            return expression
        return f"({expression})"

    def _leaf(self, kind: str, known: frozenset[str], depth: int) -> str:
        named = [name for name in sorted(known) if NAMES.get(name) == kind]
        looped = IN_LOOP.get(kind, []) if "loop" in known else []
        called = [call for name in sorted(known & CALLS.keys()) for call in CALLS[name]] if kind == "text" else []
        groups = [group for group in (LEAVES.get(kind, []), named, named, looped, called) if group]
        leaf = self.choices.pick(self.choices.pick(groups))
        return self.fill(leaf, known, depth - 1) if "@" in leaf and depth > -2 else leaf.replace("@", "missing.")
