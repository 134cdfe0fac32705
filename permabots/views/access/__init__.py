"""Who may call the REST API and the notification hooks, how often, and with which rights."""
