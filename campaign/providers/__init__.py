"""The platform behind one door."""
