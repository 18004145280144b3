"""The conversation: one file per thing said or asked."""
