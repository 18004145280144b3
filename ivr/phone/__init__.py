"""Telephones of our own: the citizen who dials 12345, and the 110 desk of a drill.  Needs the extra `phone`."""
