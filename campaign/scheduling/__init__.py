"""At the right time: time zones, sending windows, spreads, rules of recurrence. See docs/scheduling.md.

zones.py       local time to an instant, also where the clock is put forward or back
holidays.py    public holidays of a country
windows.py     hours per weekday, quiet days: when a zone may be written to
recurrence.py  rules of RFC 5545
spread.py      evenly over hours, or at most so many per hour or day
timing.py      what a new campaign asks for, checked
groups.py      people of one list by the zones they may be in
placing.py     when each message of a campaign falls due, and moving on at a closing
pace.py        caps per hour and day, counted at the claim
ahead.py       windows and spreads as the openings of a plan
store.py       the SQL
"""
