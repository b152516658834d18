"""The steps from a list to a launched campaign, one file each."""
