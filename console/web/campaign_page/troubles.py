"""Why messages did not arrive, in plain sentences, and what we do about each."""

from collections.abc import Callable, Sequence

from campaign.overview.campaigns import Trouble
from console.web.campaign_page.part import Part
from console.web.parts import button, card, chip, text
from console.web.pieces import listing
from console.web.texts import Words


class Troubles:
    """The table of causes; no card while there are none. `look_into` shows the recipients of a state."""

    def __init__(self, words: Words, look_into: Callable[[str], object]) -> None:
        self._words, self._look_into = words, look_into
        self._part: Part[Sequence[Trouble]] = Part(self._draw)

    def show(self, troubles: Sequence[Trouble]) -> None:
        """Show the causes, most frequent first."""
        self._part.show(tuple(troubles))

    def _draw(self, troubles: Sequence[Trouble]) -> None:
        words = self._words
        if not troubles:
            return
        with card(words("campaign.troubles")):
            headings = [words(f"campaign.troubles_{name}") for name in ("messages", "state", "why", "code", "show")]
            rows = [
                [
                    words.number(each.messages),
                    lambda state=each.state: chip(state, words),
                    words.said(each.sentence),
                    lambda code=each.code: text("–" if code is None else str(code), classes="nowrap"),
                    lambda state=each.state: self._draw_way(state),
                ]
                for each in troubles
            ]
            listing(headings, rows, caption=words("campaign.troubles"), empty="")

    def _draw_way(self, state: str) -> None:
        words = self._words
        to = button(words("campaign.troubles_show"), lambda: self._look_into(state), kind="small")
        to.props(f'aria-label="{words("campaign.troubles_show_who", state=words.state(state))}"')
