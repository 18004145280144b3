"""The telephone: what a caller hears, says, and is led to."""
