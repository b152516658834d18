"""What the pages beside the campaigns show: people found, tier used, coming runs, and what needs a person."""
