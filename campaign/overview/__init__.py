"""What the doors show of campaigns without counting a million messages at each look."""
