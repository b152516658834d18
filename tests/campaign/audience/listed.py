"""People of a list as the judge hands them on."""

from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from campaign.audience.people import frame_of
from campaign.text_arrays import text_array


class Listed(NamedTuple):
    """One of them."""

    row: int
    phone: str
    name: str | None = "Ana"
    attributes: str = "{}"
    region: str = "US"


def people(*listed: Listed) -> pd.DataFrame:
    """A chunk of them."""
    columns = {
        "phone_identity": text_array([each.phone[1:] for each in listed]),
        "phone_e164": text_array([each.phone for each in listed]),
        "region": text_array([each.region for each in listed]),
        "name": text_array([each.name for each in listed]),
        "attributes": text_array([each.attributes for each in listed]),
        "parameters": text_array(["{}"] * len(listed)),
        "template_id": pa.nulls(len(listed), pa.int64()),
    }
    return frame_of(columns, [each.row for each in listed])
