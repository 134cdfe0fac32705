"""One message answered: the engine's input and outcome, and the transaction that makes it true."""
