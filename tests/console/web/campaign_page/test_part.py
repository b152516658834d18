"""Places that are drawn again only when something has changed."""

from console.web.campaign_page.part import Part
from console.web.parts import text


def test_the_same_is_not_drawn_again(draw):
    drawn = []

    def build():
        part = Part(lambda what: (drawn.append(what), text(f"now {what}")))
        for what in ("one", "one", "two"):
            part.show(what)

    seen = draw(build)
    assert drawn == ["one", "two"]
    assert "now two" in seen
    assert "now one" not in seen
