"""A campaign in the making: what has been chosen so far, what it comes to, and the campaign it becomes."""
