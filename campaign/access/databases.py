"""Databases that may be asked for a list through the console or the API: those that an admin has named, no others."""

from collections.abc import Mapping

from campaign.errors import UsageError
from campaign.settings import Settings


def askable(settings: Settings, variable: str, environment: Mapping[str, str]) -> Mapping[str, str]:
    """The environment with the one variable of it that is asked for.

    Without the list anybody who may create campaigns could read whatever address any variable holds, our own included.

    raises  UsageError when no admin has named it
    """
    if variable not in settings.query_variables:
        raise UsageError(
            f"the variable {variable[:64]} may not be asked from here; an admin names it in CAMPAIGN_QUERY_VARIABLES"
        )
    return {variable: environment[variable]} if variable in environment else {}
