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
days.py           partitions made ahead, old ones dropped
problems.py       what could not be read, and what to do
replay.py         applies a range once more
health.py         silence, gaps, backlog: each with a name
store.py          the SQL
inbox_store.py    the SQL of the inbox as a whole
hearing_store.py  the SQL of what was heard when, and of ends of holds
"""
