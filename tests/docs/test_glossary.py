"""The glossary names every state, and the words that it defines are the words of the code."""

import re
from pathlib import Path

import pytest

from models.campaign import Campaign
from models.message import Attempt, Message
from models.people import ConsentEvent, Contact, Suppression
from models.sender import Sender
from models.states import CampaignState, MessageState
from models.template import Template

GLOSSARY = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")


def words_under(heading: str) -> list[str]:
    section = GLOSSARY.split(f"## {heading}\n")[1].split("\n## ")[0]
    terms = re.findall(r"^\| (?!word|state|---)(.+?) \|", section, re.MULTILINE)
    return [term.strip("` ") for terms_of_row in terms for term in terms_of_row.split(", ")]


def test_every_state_of_a_message_is_explained_and_no_other() -> None:
    assert sorted(words_under("States of a message")) == sorted(MessageState)


def test_every_state_of_a_campaign_is_explained_and_no_other() -> None:
    assert sorted(words_under("States of a campaign")) == sorted(CampaignState)


@pytest.mark.parametrize("table", [Sender, Template, Contact, ConsentEvent, Suppression, Campaign, Message, Attempt])
def test_every_table_is_named_after_a_word_of_the_glossary(table: type) -> None:
    word = str(table.__dict__["__tablename__"]).replace("_", " ")
    assert word in words_under("Who and what")


@pytest.mark.parametrize("heading", ["Who and what", "How it moves"])
def test_no_word_is_explained_twice(heading: str) -> None:
    words = words_under(heading)
    assert len(words) == len(set(words))
