"""How secrets are made, kept and compared."""
