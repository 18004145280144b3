"""Lines: the implementations of Line and the wrappers around them."""
