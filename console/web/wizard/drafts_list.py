"""The drafts that wait to be gone on with, as the list of campaigns shows them."""

from campaign.access.drafts import drafts
from campaign.access.roles import Act
from campaign.drafting.content import DraftContent
from console.web.parts import card, link, moment, table
from console.web.visit import Visit

SHOWN = 20


async def drafts_list(visit: Visit) -> None:
    """Everybody's drafts with something in them, newest first; nothing when there are none."""
    if not visit.actor.may(Act.CREATE_CAMPAIGN):
        return
    words = visit.words
    found = [draft for draft in await visit.read(drafts) if draft.content][:SHOWN]
    if not found:
        return
    rows = []
    for draft in found:
        content = DraftContent.from_json(draft.content)
        name, step = content.name.strip() or words("wizard.unnamed"), content.step
        rows.append(
            [
                link(name, f"/campaigns/new/{draft.id}", "strong"),
                words("wizard.go_on_at", step=words(f"wizard.step_{step}")),
                draft.saved_by.partition(":")[2],
                lambda draft=draft: moment(draft.saved_at, words),
            ]
        )
    headings = [
        words("wizard.name_of_draft"),
        words("wizard.go_on"),
        words("wizard.saved_by"),
        words("wizard.saved_at"),
    ]
    with card(words("wizard.drafts")):
        table(headings, rows, caption=words("wizard.drafts"), empty="")
