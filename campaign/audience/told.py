"""How a list was read, in a sentence for the person who gave it."""

from models.audience import AudienceImport


def reading_words(audience: AudienceImport) -> str:
    """What was found and chosen: format, column of the phones, column of the names, and how to choose otherwise."""
    how = audience.reading.get("words")
    name_column = audience.reading.get("name_column")
    names = f", names in column {name_column}" if name_column else ", no column of names"
    kinds = "".join(f"; {kind} are taken too" for kind in audience.reading.get("taken_too", ()))
    return (
        f"Read {audience.file_name}{f' ({how})' if how else ''}: phones in column {audience.phone_column}{names}"
        f"{kinds}; --phone-column chooses another."
    )
