"""Understanding: what was heard becomes a value or None.  Pure."""
