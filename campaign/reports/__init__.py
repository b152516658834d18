"""What it came to: every uploaded row, accounted for.

write.py       a report of any kind to a file
csv_file.py    whole files, cells safe for spreadsheets
recipients.py  one line per uploaded row
summary.py     where a campaign stands, counts that add up
sections.py    the lines of the summary
errors.py      failures by code
rejected.py    refused rows to be mended
replies.py     what people answered
totals.py      what a report adds up to, and its hash
open_rows.py   what an open row waits for
verify.py      an earlier report against the database
told.py        an earlier report as it stands in its file
verify_recipients.py  line by line: what explains that a row has changed
verify_lists.py       refused rows and answers, line by line
verify_figures.py     summary and errors, counted once more
store.py       the SQL
"""
