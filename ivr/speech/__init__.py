"""Speech: what is heard, what is said, and whose turn it is."""
