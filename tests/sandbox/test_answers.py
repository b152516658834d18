"""Answers."""

from sandbox.answers import SUCCESS, Answer, json_answer


def test_an_answer_is_plain_and_at_once_unless_told_otherwise() -> None:
    assert json_answer({"a": 1}, 201) == Answer(201, b'{"a": 1}', (), 0.0, "plain")


def test_success_is_what_graph_says() -> None:
    assert (SUCCESS.status, SUCCESS.body) == (200, b'{"success": true}')
