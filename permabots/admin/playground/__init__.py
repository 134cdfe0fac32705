"""The playground: talking to a bot before it is connected anywhere."""
