"""A template by name and language, or a sentence that helps to find it."""

from sqlalchemy.orm import Session

from campaign.errors import Conflict, NotFound, UsageError
from campaign.names import listed, nearest
from campaign.senders import find_sender
from campaign.templates.components import unsupported_parts
from campaign.templates.store import templates_of
from models.sender import Sender
from models.template import Template


def find_template(session: Session, sender: Sender, name: str, language: str) -> Template:
    """The template of the sender's account with this name and language, byte for byte.

    raises  NotFound naming the nearest that exist
    """
    known = templates_of(session, account=sender.account)
    named = [template for template in known if template.name == name]
    for template in named:
        if template.language == language:
            return template
    if named:
        raise NotFound(f"template {name} has no language {language}; it exists in {listed(t.language for t in named)}")
    if not known:
        raise NotFound(
            f"template {name} is not known: none has been read for sender {sender.name}; "
            f"run campaign templates sync --sender {sender.name}"
        )
    raise NotFound(
        f"sender {sender.name} has no template {name} ({nearest(name, [t.name for t in known])}); "
        f"if it is new, run campaign templates sync --sender {sender.name}"
    )


def other_languages(session: Session, template: Template) -> list[Template]:
    """The same template in every other language that can be sent and filled, and has the same category.

    source  platform.md B.1; another category would need another consent
    """
    named = templates_of(session, account=template.account, name=template.name)
    return [
        other
        for other in named
        if other.id != template.id
        and other.sendable
        and other.category == template.category
        and not unsupported_parts(other.components)
    ]


def find_by_name(session: Session, name: str, language: str | None = None) -> list[Template]:
    """Every language of a template, or one of them, of all accounts.

    raises  NotFound naming the nearest that exist
    """
    named = templates_of(session, name=name)
    if not named:
        known = [template.name for template in templates_of(session)]
        none = "none has been read yet; run campaign templates sync --sender SENDER"
        raise NotFound(f"there is no template {name}; {nearest(name, known) if known else none}")
    found = [template for template in named if language in {None, template.language}]
    if not found:
        raise NotFound(f"template {name} has no language {language}; it exists in {listed(t.language for t in named)}")
    return found


def list_templates(session: Session, sender_name: str | None = None) -> list[Template]:
    """All templates, or those that a sender may send.

    raises  NotFound when there is no such sender
    """
    account = find_sender(session, sender_name).account if sender_name is not None else None
    return templates_of(session, account=account)


def find_template_by_id(session: Session, template_id: int) -> Template:
    """The template with this id.

    raises  NotFound
    """
    template = session.get(Template, template_id)
    if template is None:
        raise NotFound(f"there is no template with the id {template_id}; see campaign templates list")
    return template


def require_sendable(template: Template) -> None:
    """Refuse a template that the platform would not take, or whose parts cannot be filled.

    raises  Conflict with its status, UsageError with its parts
    source  platform.md B.1
    """
    if not template.sendable:
        raise Conflict(
            f"template {template.name} ({template.language}) is {template.status}, not APPROVED, so it cannot be sent; "
            f"when the platform has approved it, run campaign templates sync"
        )
    if kinds := unsupported_parts(template.components):
        raise UsageError(
            f"template {template.name} ({template.language}) has parts that cannot be filled: "
            f"{', '.join(kinds)}; choose another template"
        )
