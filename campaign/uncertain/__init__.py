"""Messages that may or may not have been sent: how many and why, what would resolve them, and a person's decision."""
