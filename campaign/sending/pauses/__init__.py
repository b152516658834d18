"""What stops campaigns while they send, and the statements that find whom it concerns."""
