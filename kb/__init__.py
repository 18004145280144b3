"""Knowledge: what may be answered, and which answer belongs to which question."""
