"""Parts of the pages beside the campaigns that are long enough to stand apart."""
