"""`campaign stop-words`: the list, and what people change of it."""

from tests.console.cli.conftest import Cli


def test_a_word_is_added_and_a_built_in_one_taken_off(cli: Cli) -> None:
    assert cli("stop-words", "add", "Genug", "--language", "de").out == "Genug is a stop word now.\n"
    assert cli("stop-words", "remove", "baja").code == 0
    words = {each["word"]: each for each in cli("stop-words", "list", "--json").json}
    assert (words["Genug"]["origin"], words["Genug"]["language"]) == ("added", "de")
    assert words["baja"]["counts"] is False
    assert cli("stop-words", "remove", "nonsense").code == 1
    assert cli("stop-words", "add", "stop", "--kind", "start").code == 2
