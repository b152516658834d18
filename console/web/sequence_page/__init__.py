"""Parts of the page of one sequence."""
