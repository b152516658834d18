"""A new campaign, whole or not at all."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest

from campaign.creation import NewCampaign, audience_of, create_campaign
from campaign.errors import BadList, CampaignError, Conflict, NotFound, UsageError
from models import AudienceImport, Campaign, Contact, MediaFile, Message, RejectedRow, Sender
from models.campaign import HoldPolicy
from models.session import session_scope
from tests.factories import NOON, fiction_phone, grant, make_sender, make_template

BUTTONS = {
    "type": "BUTTONS",
    "buttons": [
        {"type": "QUICK_REPLY", "text": "Not now"},
        {"type": "URL", "text": "Shop", "url": "https://x.example"},
    ],
}


@pytest.fixture
def request_(sessions, tmp_path):
    """A request that would succeed: three people, of whom two agreed."""
    path = tmp_path / "list.csv"
    path.write_text("phone,name,saving\n" + "".join(f"{fiction_phone(n)},Person {n},1{n}%\n" for n in range(3)))
    with session_scope(sessions) as session:
        sender = make_sender(session)
        make_template(session, sender)
        make_template(session, sender, "paused", status="PAUSED")
        make_template(session, sender, "cards", components=[{"type": "HOLOGRAM"}])
        make_template(session, sender, "buttons", components=[BUTTONS])
        grant(session, [fiction_phone(0), fiction_phone(2)])
    mapping = ("body.1=name", "body.2=saving")
    return NewCampaign(
        name="spring", sender="shop", template="spring_sale", language="en_US", audience=path, mapping=mapping
    )


def create(sessions, request, **given):
    return create_campaign(sessions, request, now=NOON, **given)


def everything(sessions):
    with sessions() as session:
        return [
            row for model in (Campaign, AudienceImport, Message, RejectedRow, Contact) for row in session.query(model)
        ]


def test_a_campaign_is_a_draft_with_its_messages_and_refused_rows(sessions, request_):
    later = NOON + timedelta(days=1)
    created = create(
        sessions, replace(request_, start_at=later, rate_mps=5, hold_policy=HoldPolicy.CONTINUE, region="us")
    )
    assert (created.state, created.category, created.region, created.rate_mps) == ("draft", "marketing", "US", 5)
    assert (created.start_at, created.hold_policy) == (later, "continue")
    with sessions() as session:
        audience = audience_of(session, created)
        assert (audience.row_count, audience.message_count, audience.rejected_count) == (3, 2, 1)
        messages = session.query(Message).order_by(Message.row_number).all()
        assert [(m.row_number, m.state, m.parameters) for m in messages] == [
            (1, "queued", {"body.1": "Person 0", "body.2": "10%"}),
            (3, "queued", {"body.1": "Person 2", "body.2": "12%"}),
        ]
        assert [(r.row_number, r.reason) for r in session.query(RejectedRow)] == [(2, "no_consent")]


def test_progress_is_told(sessions, request_):
    seen = []
    create(sessions, request_, chunk_rows=2, progress=seen.append)
    assert seen[-1] == 3
    assert seen == sorted(seen)


def test_a_row_without_a_value_is_refused_alone(sessions, request_):
    request_.audience.write_text(f"phone,name,saving\n{fiction_phone(0)},,10%\n{fiction_phone(2)},Ann,10%\n")
    created = create(sessions, request_)
    with sessions() as session:
        assert audience_of(session, created).message_count == 1
        assert [r.reason for r in session.query(RejectedRow)] == ["missing_value"]


def test_an_opt_out_button_is_kept_in_the_mapping(sessions, request_):
    created = create(sessions, replace(request_, template="buttons", mapping=(), opt_out_button=0))
    assert created.mapping == {"button.0": {"opt_out": True}}


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"audience": Path("nowhere.csv")}, CampaignError, "nowhere.csv"),
        ({"phone_column": "tel"}, CampaignError, "tel.*phone, name, saving"),
        ({"sender": "shp"}, NotFound, "no sender shp; did you mean shop"),
        ({"template": "spring_sail"}, NotFound, "no template spring_sail .did you mean spring_sale"),
        ({"language": "en"}, NotFound, "has no language en; it exists in en_US"),
        ({"template": "paused"}, Conflict, "paused .* is PAUSED, not APPROVED"),
        ({"template": "cards"}, UsageError, "cannot be filled: hologram"),
        ({"mapping": ("body.1=name",)}, UsageError, r"slot body.2 of the template is not mapped; add for example"),
        ({"mapping": ("body.1=nane", "body.2=saving")}, UsageError, "no column nane .found phone, name, saving"),
        ({"mapping": ("body.1=name", "body.2=saving", "body.3=x")}, UsageError, "no slot body.3"),
        ({"mapping": ("name",)}, UsageError, "is not SLOT=COLUMN"),
        ({"region": "XX"}, UsageError, "XX"),
        ({"rate_mps": 0}, UsageError, "--rate 0"),
        ({"name": "two\nlines"}, UsageError, "campaign name"),
        ({"start_at": NOON, "deadline_at": NOON}, UsageError, "--deadline .* is not after --at"),
        ({"template": "buttons", "mapping": (), "opt_out_button": 1}, UsageError, r"quick replies: 0 .Not now."),
        ({"opt_out_button": 0}, UsageError, "its quick replies: none"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_left(sessions, request_, change, error, words):
    with pytest.raises(error, match=words):
        create(sessions, replace(request_, **change))
    assert everything(sessions) == []


@pytest.mark.parametrize("content", ["", "phone,name,saving\n", "name,saving\nAnn,15%\n"])
def test_a_list_without_rows_or_phones_is_refused(sessions, request_, content):
    request_.audience.write_text(content)
    with pytest.raises(BadList, match=request_.audience.name):
        create(sessions, request_)
    assert everything(sessions) == []


def test_a_name_is_taken_once(sessions, request_):
    create(sessions, request_)
    before = len(everything(sessions))
    with pytest.raises(Conflict, match="campaign spring exists already; choose another name"):
        create(sessions, request_)
    assert len(everything(sessions)) == before


def test_of_two_doors_at_once_one_creates(sessions, request_):
    barrier, errors = Barrier(2), []

    def door():
        barrier.wait()
        try:
            create(sessions, request_)
        except CampaignError as error:
            errors.append(error)

    doors = [Thread(target=door) for _ in range(2)]
    for thread in doors:
        thread.start()
    for thread in doors:
        thread.join()
    assert [type(error) for error in errors] == [Conflict]


def test_a_failure_in_the_middle_of_the_list_leaves_nothing(sessions, request_):
    def fail(rows):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        create(sessions, request_, progress=fail)
    assert everything(sessions) == []


SPANISH = [{"type": "BODY", "text": "Hola {{1}}, tu código vale {{2}} hasta el domingo."}]


def with_languages(sessions, request, *languages):
    rows = "".join(f"{fiction_phone(n)},Person {n},1{n}%,{said}\n" for n, said in enumerate(languages))
    request.audience.write_text(f"phone,name,saving,language\n{rows}")
    with session_scope(sessions) as session:
        grant(session, [fiction_phone(1)])
        sender = session.query(Sender).one()
        return make_template(session, sender, language="es_MX", components=SPANISH).id


def test_each_person_gets_the_template_in_their_language(sessions, request_):
    spanish = with_languages(sessions, request_, "es", "de", "en_US")
    created = create(sessions, replace(request_, language_column="language"))
    assert (created.template_ids, created.language_column) == ([spanish], "language")
    with sessions() as session:
        assert audience_of(session, created).notes == {"language_fallback": 1}
        messages = session.query(Message).order_by(Message.row_number)
        assert [message.template_id for message in messages] == [spanish, None, None]


def test_a_column_of_languages_that_is_missing_is_named(sessions, request_):
    with pytest.raises(UsageError, match="--language-column language: the list has no such column"):
        create(sessions, replace(request_, language_column="language"))


@pytest.mark.parametrize(
    ("column", "reason", "words"),
    [
        ("x" * 1100, "text_too_long", "the body has 1,"),
        ("", "missing_value", "name is empty, body.1 needs it."),
    ],
)
def test_a_row_that_would_be_refused_is_refused_now(sessions, request_, column, reason, words):
    request_.audience.write_text(f"phone,name,saving\n{fiction_phone(0)},{column},10%\n{fiction_phone(2)},Ann,10%\n")
    created = create(sessions, request_)
    with sessions() as session:
        assert audience_of(session, created).message_count == 1
        (rejected,) = session.query(RejectedRow)
        assert rejected.reason == reason
        assert rejected.text.startswith(words)


def test_a_file_is_checked_and_kept(sessions, request_, tmp_path):
    picture = tmp_path / "spring.jpg"
    with session_scope(sessions) as session:
        components = [{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Spring!"}]
        make_template(session, session.query(Sender).one(), "picture", components=components)
    request = replace(request_, template="picture", mapping=(f"header.1=@{picture}",))
    with pytest.raises(NotFound, match=r"there is no file .*spring.jpg"):
        create(sessions, request)
    picture.write_bytes(b"%PDF-1.7")
    with pytest.raises(UsageError, match="is application/pdf; a header of kind image shows"):
        create(sessions, request)
    picture.write_bytes(b"\xff\xd8\xff\xe0picture")
    created = create(sessions, request)
    assert set(created.mapping["header.1"]) == {"file", "sha256"}
    with sessions() as session:
        assert session.query(MediaFile).one().mime == "image/jpeg"


def test_the_payload_of_an_opt_out_button_is_not_mapped(sessions, request_):
    with pytest.raises(UsageError, match="payload of an opt-out button cannot be mapped"):
        create(sessions, replace(request_, template="buttons", mapping=("button.0==x",), opt_out_button=0))
