"""Events of messengers: sorted by account, stored once, before they are acknowledged."""
