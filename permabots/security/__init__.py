"""How secrets are made, kept and compared: plain functions, without rows."""
