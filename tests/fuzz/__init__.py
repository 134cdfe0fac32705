"""``make fuzz``: inputs that nobody thought of, mutated from a corpus, against whatever reads what strangers send.

A target (`targets`) is a function over bytes. It raises where something does not hold, and returns the outcome in a few
words. The loop (`loop`) runs in a process of its own with limits of memory and of processor time (`child`), mutates the
corpus (`mutator`), and keeps an input whose outcome is new, to be mutated further. What is found is cut to its
smallest form and written to ``.state/fuzz``; once it is fixed, it goes into ``corpus``, which every run and `make test`
try first.

Atheris was tried: its instrumentation makes preparing a pattern forty times slower, and there are wheels for Linux on
x86-64 alone.
"""
