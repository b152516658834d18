"""Campaigns that recur: each run is a campaign of its own, made when its time has come. See docs/scheduling.md.

kept.py     what a run is created from, kept as JSON
making.py   a new schedule, listed, paused, resumed, removed
running.py  a tick finds the runs that are due, each exactly once; a run is imported and launched
store.py    the SQL
"""
