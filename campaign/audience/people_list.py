"""Lists of people that no campaign is made from: who agreed, who is banned, who is known, whom one leaves out."""

from pathlib import Path

from campaign.audience.bounds import bounds_of
from campaign.audience.source import ListSource, open_list
from campaign.errors import BadList
from campaign.settings import current_settings

_WITH_MAP = {
    "name it with --phone-column": "name it with --map phone=COLUMN",
    "correct --phone-column": "correct --map phone=…",
}
_WITHOUT_MAP = {"name it with --phone-column": "call it phone"}
_ONE_SHEET = {"choose with --sheet": "save the one that is meant as CSV"}


def open_people(path: Path, *, phone_column: str | None = None, has_map: bool = False) -> ListSource:
    """Open a list within the bounds of the settings.

    has_map  its command has `--map`; none has `--phone-column` or `--sheet`, which errors of lists name
    raises   NotFound or BadList, naming what can be done here
    """
    try:
        return open_list(path, phone_column=phone_column, bounds=bounds_of(current_settings()))
    except BadList as error:
        text = str(error)
        for option, instead in (*(_WITH_MAP if has_map else _WITHOUT_MAP).items(), *_ONE_SHEET.items()):
            text = text.replace(option, instead)
        error.args = (text,)
        raise
