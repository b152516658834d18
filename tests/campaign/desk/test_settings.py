"""Settings as they are shown."""

from pydantic import SecretStr

from campaign.desk.settings import MASKED, setting_lines
from campaign.settings import Settings


def test_every_setting_is_there_and_says_what_it_means():
    lines = setting_lines(Settings(_env_file=None))
    assert [line.variable for line in lines] == [f"CAMPAIGN_{name}".upper() for name in Settings.model_fields]
    assert all(line.description for line in lines)


def test_a_secret_is_never_shown():
    settings = Settings(_env_file=None, database_url=SecretStr("postgresql://user:hidden@host/db"))
    [line] = [line for line in setting_lines(settings) if line.variable == "CAMPAIGN_DATABASE_URL"]
    assert (line.value, line.was_set) == (MASKED, True)
    assert "hidden" not in repr(setting_lines(settings))


def test_what_was_set_is_told_from_the_default():
    lines = {line.variable: line for line in setting_lines(Settings(_env_file=None, claim_batch=10))}
    set_, left = lines["CAMPAIGN_CLAIM_BATCH"], lines["CAMPAIGN_LANE_RUN_S"]
    assert (set_.value, set_.default, set_.was_set) == ("10", "50", True)
    assert (left.value, left.was_set) == ("3", False)
    assert lines["CAMPAIGN_SECRET_KEY"].value is None
