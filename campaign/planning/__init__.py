"""Ahead in time: what a number may do from day to day, and what becomes of a campaign by then."""
