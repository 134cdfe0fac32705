"""Events of messengers: whose they are, stored once before they are acknowledged."""
