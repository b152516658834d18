"""The tree of our errors.

    CampaignError                  something a person can act on; the message is one clear line
    ├── UsageError                 the command or its arguments were wrong (exit code 2)
    ├── NotFound                   a sender, template, campaign or file that does not exist
    ├── Conflict                   a name taken, a move that the present state does not allow
    ├── BadList                    a contact or consent list that cannot be read as a whole
    ├── ConfigurationError         a variable unset, a store out of reach, a schema behind the code
    ├── Forbidden                  the role of whoever asks does not allow it
    ├── NotSignedIn                a wrong name, password, key or token, or a session that has ended
    ├── Throttled                  too many tries; the message says when the next is taken
    └── PlatformError              the platform refused a management request or did not answer

A message says what failed, on which thing, and what to do next. Bad rows are not errors: they are data.
"""


class CampaignError(Exception):
    """Something failed that a person can act on."""

    exit_code = 1


class UsageError(CampaignError):
    """The command or its arguments were wrong."""

    exit_code = 2


class NotFound(CampaignError):
    """The thing named does not exist."""


class Conflict(CampaignError):
    """The present state does not allow it."""


class BadList(CampaignError):
    """A list that cannot be read as a whole."""


class ConfigurationError(CampaignError):
    """A variable is unset, a store is out of reach, or the schema is behind the code."""


class Forbidden(CampaignError):
    """The role of whoever asks does not allow it."""


class NotSignedIn(CampaignError):
    """A wrong name, password, key or token, or a session that has ended."""


class Throttled(CampaignError):
    """Too many tries. `retry_after_s` is how long to wait, where that is known; seconds."""

    def __init__(self, text: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s


class PlatformError(CampaignError):
    """The platform refused a management request or did not answer."""
