"""The only package that knows both rows and plain Python.

`receiving` takes messages in, `drain` works off one conversation under its `lease`, `answering` makes answers and
`sending` sends them, `hooks` tells recipients. `user_api` guards calls to authors' APIs, `authoring` writes what
authors configure, `operating` is what operators and timers do. `postgresql` holds statements written by hand.
"""
