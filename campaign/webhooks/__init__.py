"""What became of messages: webhooks kept before they are acknowledged, then merged.

authenticity.py   who posted this body
directory.py      senders by name, for the receiver
arrivals.py       commits webhooks that arrive together
connection.py     a connection that heals itself
inbox.py          hands them out in order, parks bad ones
batch.py          one batch to changed messages
facts.py          rows to facts and back
merge.py          events to milestones and state
consequences.py   what a failure says of the person
listening.py      acts on what is not a delivery status
store.py          the SQL
"""
