"""What a bot does with a message, in plain Python: no Django, no Celery, no rows."""
