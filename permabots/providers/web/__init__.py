"""The web chat of permabots: people talk to a bot on a web page. Its messages are kept in this project's database."""
