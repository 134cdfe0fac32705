"""What authors do: configure, connect accounts, simulate, test conversations."""
