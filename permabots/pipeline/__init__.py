"""The road: the only room that knows both rows and plain Python.

`inbox` takes messages in, `conversation` answers them one after another under a `lease`, `outbox` delivers, `sweep`
finds what nobody works on. `definitions` compiles bots, `cached` holds what a webhook must know before it stores,
`integrations` connects bots to providers, `configuration` writes what authors configure. `simulate` asks a bot what it
would answer, `retry` takes up again what was given up.
"""
