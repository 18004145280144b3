"""How learned numbers of this room were made."""
