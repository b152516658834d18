"""The page of one person as it is first sent."""

from models import KnownUser, Message, Reply
from models.session import session_scope
from tests.factories import NOON, fiction_phone, make_campaign, make_messages, make_sender, make_template


def test_one_who_wrote_without_a_phone_is_told_by_their_user_id(see, sessions):
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender), "spring")
        (id_,) = make_messages(session, campaign, 1, state="read", accepted_at=NOON)
        message = session.get_one(Message, id_)
        for user_id in ("MX.13491208655302741918", "5215550100"):
            session.add(
                KnownUser(
                    user_id=user_id, phone_identity=message.phone_identity, phone_e164=message.phone_e164,
                    created_at=NOON,
                )
            )  # fmt: skip
        session.add(
            Reply(
                inbound_id="in.1", campaign_id=campaign.id, message_id=message.id, kind="text", text="gracias",
                attributed_by="context", opts_out=False, received_at=NOON,
            )
        )  # fmt: skip
    seen = see(f"/contacts/%2B{fiction_phone(0).removeprefix('+')}")
    assert "Where WhatsApp hides the phone, they write as MX.13491208655302741918." in seen
