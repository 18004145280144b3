"""The tables of routing, step by step."""
