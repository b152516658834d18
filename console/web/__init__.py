"""The web console: pages for people who are not engineers, over the same functions as every other door."""
