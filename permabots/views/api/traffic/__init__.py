"""What bots did and why: messages, deliveries, simulation, trying again."""
