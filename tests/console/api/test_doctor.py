"""`/doctor`."""


def test_it_tells_what_was_looked_at_and_no_secret(ask, settings):
    found = {each["what"]: each["verdict"] for each in ask("GET", "/doctor", role="viewer").json()}
    assert (found["database"], found["redis"]) == ("ok", "ok")
