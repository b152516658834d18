"""What people answered, and to which campaign.

attribution.py  what came in to replies, each with the campaign that it answers
store.py        the SQL
"""
