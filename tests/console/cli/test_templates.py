"""`campaign templates`, against a platform reached over HTTP."""

import json

import pytest

from tests.console.cli.conftest import LISTING, add_sender


@pytest.fixture
def synced(cli, platform):
    """A command line whose sender's templates have been read."""
    add_sender(cli, platform.url)
    assert cli("templates", "sync", "--sender", "shop").code == 0
    return cli


def test_sync_reads_what_the_platform_lists(cli, platform):
    add_sender(cli, platform.url)
    assert cli("templates", "sync", "--sender", "shop").out == "2 templates: 2 new, 0 changed, 0 no longer listed.\n"
    platform.templates[0]["status"] = "PAUSED"
    del platform.templates[1]
    again = cli("templates", "sync", "--sender", "shop", "--json").json
    assert again == {"listed": 1, "added": 0, "changed": 1, "gone": 1}
    listed = {template["name"]: template["status"] for template in cli("templates", "list", "--json").json}
    assert listed == {"spring_offer": "PAUSED", "order_shipped": "DELETED"}


def test_a_refusal_of_the_platform_is_one_line(cli, platform):
    platform.status = 401
    add_sender(cli, platform.url)
    answer = cli("templates", "sync", "--sender", "shop")
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert cli("templates", "list", "--json").json == []


def test_a_platform_out_of_reach_is_one_line(cli):
    add_sender(cli, "http://127.0.0.1:9/v23.0")
    answer = cli("templates", "sync", "--sender", "shop")
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert "Traceback" not in answer.err


def test_list_narrows_to_a_sender(synced):
    assert len(synced("templates", "list", "--sender", "shop", "--json").json) == 2
    assert synced("templates", "list", "--sender", "shp").code == 1
    assert "spring_offer" in synced("templates", "list").out


def test_show_gives_text_and_slots(synced):
    shown = synced("templates", "show", "spring_offer").out
    assert "Hi {1}, your spring code saves {2} until Sunday." in shown
    assert "Slots: header.1, body.1, body.2, button.1" in shown
    (facts,) = synced("templates", "show", "spring_offer", "--language", "en_US", "--json").json
    assert facts["components"] == LISTING[0]["components"]


def test_lint_by_name_fails_for_what_cannot_be_sent(synced):
    assert synced("templates", "lint", "spring_offer").code == 0
    answer = synced("templates", "lint", "order_shipped")
    assert answer.code == 1
    assert "error: The template is PAUSED" in answer.out


def test_lint_of_a_file(cli, tmp_path):
    path = tmp_path / "templates.json"
    path.write_text(json.dumps({"data": LISTING}))
    found = cli("templates", "lint", path, "--json")
    assert found.code == 1
    assert [f["code"] for f in found.json["order_shipped (en_US)"]] == ["not_sendable"]


def test_preview_fills_the_slots(synced, tmp_path):
    path = tmp_path / "values.json"
    path.write_text('{"header.1": "123", "body.1": "Ann", "body.2": "15%", "button.1": "abc"}')
    answer = synced("templates", "preview", "spring_offer", "--values", path)
    assert "Hi Ann, your spring code saves 15% until Sunday." in answer.out
    path.write_text('{"body.1": "Ann"}')
    answer = synced("templates", "preview", "spring_offer", "--values", path)
    assert (answer.code, answer.err) == (
        2,
        "Error: there is no value for header.1, body.2, button.1; add it to the values\n",
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "spring_ofer"), "no template spring_ofer; did you mean spring_offer?"),
        (("show", "spring_offer", "--language", "en"), "no language en; it exists in en_US"),
        (("lint", "nowhere.json"), "there is no file nowhere.json"),
        (("lint", "nowhere"), "there is no template nowhere; known: order_shipped, spring_offer"),
        (("preview", "spring_offer", "--values", "nowhere.json"), "there is no file nowhere.json"),
        (("sync", "--sender", "nobody"), "there is no sender nobody; known: shop"),
    ],
)
def test_what_does_not_exist_is_named(synced, arguments, words):
    answer = synced("templates", *arguments)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == f"Error: {words}\n" or words in answer.err
