"""The dispatch office: where calls and cases must go, and the memory of both."""
