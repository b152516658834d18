"""Errors of the domain in the words of a form: no options of the command line, no folders of ours. Pure."""

import re
from collections.abc import Mapping

FORM_WORDS: Mapping[str, str] = {
    "--phone-column": "the column with the phones", "--sheet": "the sheet", "--region": "the country",
    "--where": "the filter", "--map": "the value", "--language-column": "the column with the language",
    "--opt-out-button": "the opt-out button", "--zone-column": "the column with the time zone",
    "--zone": "the time zone", "--at": "the start", "--deadline": "the deadline", "--window": "the sending hours",
    "--quiet-days": "the quiet days", "--holidays": "the holidays", "--spread": "the time to spread over",
    "--per-hour": "the most per hour", "--per-day": "the most per day", "--rate": "the rate",
    "--any-hour": "sending at any hour", "--recur": "the repetition", "--until": "the last day",
    "--overlap": "what happens to overlapping runs", "--canary-wait": "the wait after the first people",
    "--canary-max-failed": "the share that may fail", "--canary-max-held": "the share that may be held",
    "--canary-max-blocked": "the share that may opt out", "--canary": "the number of first people",
    "--not-messaged-within": "the days since the last message", "--exclude": "the quiet list",
    "--phone-number-id": "the id of the number", "--waba-id": "the id of the account", "--base-url": "the address",
    "--token-env": "variable for the token", "--app-secret-env": "variable for the app secret",
    "--webhook-token-env": "variable for the webhook token", "--tier": "the limit",
    "--audience": "the list", "--query": "the query", "--language": "the language", "--hold-policy": "the hold policy",
}  # fmt: skip
"""Options of the command line to what the forms call them."""

_INCOMING = re.compile(r"\S*/incoming/[A-Za-z0-9_-]{43}/")
_TEMPORARY = re.compile(r"\S*/campaign-list-\S+\.csv")
_FLAG = re.compile("|".join(sorted(map(re.escape, FORM_WORDS), key=len, reverse=True)))
_COMMAND = re.compile(r"[,;]?\s*(?:or )?(?:see|with|run) campaign [a-z-]+(?: [a-z-]+)*(?: --[a-z]+ \S+)*")


def in_words(text: str) -> str:
    """An error for somebody in front of a form."""
    text = _TEMPORARY.sub("the list", _INCOMING.sub("", text))
    return _FLAG.sub(lambda found: FORM_WORDS[found[0]], _COMMAND.sub("", text))
