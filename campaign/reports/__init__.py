"""What it came to: every uploaded row, accounted for.

write.py       a report of any kind to a file
csv_file.py    whole files, cells safe for spreadsheets
recipients.py  one line per uploaded row
summary.py     where a campaign stands, counts that add up
errors.py      failures by code
rejected.py    refused rows to be mended
store.py       the SQL
"""
