"""What messages cost: the rate card, what a campaign would cost, and what it did cost.

card_file.py   the lines of a rate card, checked
rate_card.py   a card to the table, and the price of a day
countries.py   phones to countries, many at once
money.py       amounts by currency
forecast.py    what the messages still to be sent would cost
actual.py      what the delivered ones cost, and why that differs from all of them
store.py       the SQL
"""
