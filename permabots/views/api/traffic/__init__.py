"""Views of traffic: messages, notifications, simulation, retries."""
