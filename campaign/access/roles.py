"""Who may do what: acts, the least role that may do each, and who is acting. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from campaign.errors import Forbidden
from models.access import Role


class Act(StrEnum):
    """What somebody does to something; the word that stands in the audit log."""

    VIEW = "view"
    CREATE_CAMPAIGN = "create_campaign"
    TEST_SEND = "test_send"
    LAUNCH = "launch"
    APPROVE = "approve"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    MOVE = "move"
    RESOLVE_UNCERTAIN = "resolve_uncertain"
    GRANT_CONSENT = "grant_consent"
    WITHDRAW_CONSENT = "withdraw_consent"
    IMPORT_CONTACTS = "import_contacts"
    SUPPRESS = "suppress"
    UNSUPPRESS = "unsuppress"
    DOWNLOAD_REPORT = "download_report"
    SYNC_TEMPLATES = "sync_templates"
    REFRESH_SENDER = "refresh_sender"
    CHANGE_SCHEDULE = "change_schedule"
    CHANGE_SENDER = "change_sender"
    CHANGE_CONSENT_RULES = "change_consent_rules"
    VERIFY_CONSENT = "verify_consent"
    RETRY_WEBHOOK = "retry_webhook"
    DISMISS_WEBHOOK = "dismiss_webhook"
    CHANGE_PRICES = "change_prices"
    REMOVE_UPLOAD = "remove_upload"
    ERASE = "erase"
    MANAGE_USERS = "manage_users"
    MANAGE_KEYS = "manage_keys"
    MANAGE_SUBSCRIPTIONS = "manage_subscriptions"
    SIGN_IN = "sign_in"
    SET_OWN_PASSWORD = "set_own_password"
    SET_OWN_LANGUAGE = "set_own_language"


LEAST_ROLE: Mapping[Act, Role] = {
    Act.VIEW: Role.VIEWER,
    Act.SIGN_IN: Role.VIEWER,
    Act.SET_OWN_PASSWORD: Role.VIEWER,
    Act.SET_OWN_LANGUAGE: Role.VIEWER,
    Act.DOWNLOAD_REPORT: Role.VIEWER,
    Act.CREATE_CAMPAIGN: Role.OPERATOR,
    Act.TEST_SEND: Role.OPERATOR,
    Act.LAUNCH: Role.OPERATOR,
    Act.PAUSE: Role.OPERATOR,
    Act.RESUME: Role.OPERATOR,
    Act.CANCEL: Role.OPERATOR,
    Act.MOVE: Role.OPERATOR,
    Act.GRANT_CONSENT: Role.OPERATOR,
    Act.WITHDRAW_CONSENT: Role.OPERATOR,
    Act.IMPORT_CONTACTS: Role.OPERATOR,
    Act.SUPPRESS: Role.OPERATOR,
    Act.SYNC_TEMPLATES: Role.OPERATOR,
    Act.REFRESH_SENDER: Role.OPERATOR,
    Act.CHANGE_SCHEDULE: Role.OPERATOR,
    Act.VERIFY_CONSENT: Role.OPERATOR,
    Act.RETRY_WEBHOOK: Role.OPERATOR,
    # What lets somebody be written to again, or perhaps twice, wants a second pair of eyes.
    Act.APPROVE: Role.APPROVER,
    Act.UNSUPPRESS: Role.APPROVER,
    Act.RESOLVE_UNCERTAIN: Role.APPROVER,
    Act.DISMISS_WEBHOOK: Role.APPROVER,
    Act.CHANGE_SENDER: Role.ADMIN,
    Act.CHANGE_CONSENT_RULES: Role.ADMIN,
    Act.CHANGE_PRICES: Role.ADMIN,
    Act.REMOVE_UPLOAD: Role.ADMIN,
    Act.ERASE: Role.ADMIN,
    Act.MANAGE_USERS: Role.ADMIN,
    Act.MANAGE_KEYS: Role.ADMIN,
    Act.MANAGE_SUBSCRIPTIONS: Role.ADMIN,
}

_RANK = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is acting.

    name  `user:NAME`, `key:NAME` or `cli:NAME`, as it stands in the audit log
    """

    name: str
    role: Role

    @property
    def person(self) -> str:
        """The name without its kind."""
        return self.name.partition(":")[2]

    def may(self, act: Act) -> bool:
        """Whether the role allows it."""
        return _RANK[self.role] >= _RANK[LEAST_ROLE[act]]

    def require(self, act: Act) -> None:
        """Refuse what the role does not allow.

        raises  Forbidden naming the role that it takes
        """
        if not self.may(act):
            words = act.replace("_", " ")
            raise Forbidden(
                f"{self.person} is {self.role.value} here and may not {words}; "
                f"that takes {LEAST_ROLE[act].value}: ask somebody who is, or an admin for the role"
            )


def at_the_shell(login: str) -> Actor:
    """Whoever has the command line has the database's password, and so may do everything."""
    return Actor(f"cli:{login}", Role.ADMIN)
