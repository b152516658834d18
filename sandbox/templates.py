"""The templates of the account: what they are, whether they may be sent, how they are listed.

Statuses and what they allow: platform.md B.1.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sandbox.plan import Plan, make_plan
from sandbox.refusals import Refusal

# FLAGGED and REINSTATED were warnings, not bans; unknown words are not sendable.
SENDABLE = frozenset({"APPROVED", "FLAGGED", "REINSTATED", "LOCKED", "UNARCHIVED"})
NAMESPACE = "0f1c7000_0000_0000_0000_000000000001"
OWN_SET = Path(__file__).with_name("templates.json")
# What Graph lists when nothing is asked for; quality and reasons are not among it.
_DEFAULT_FIELDS = ("name", "parameter_format", "components", "language", "status", "category", "sub_category")
_REFUSED_BY_STATUS = {"PAUSED": 132015, "DISABLED": 132016}


class BadTemplates(ValueError):
    """A template file that cannot be used; the message says why."""


class Template:
    """One language of one template.

    approved_count  messages taken since it was last put into service; pacing counts them
    pauses          how often quality has paused it; the third time disables it, platform.md B.4
    """

    __slots__ = (
        "approved_count",
        "category",
        "components",
        "language",
        "name",
        "parameter_format",
        "pauses",
        "plan",
        "quality",
        "quality_at",
        "rejected_reason",
        "status",
        "template_id",
        "ttl_s",
    )

    def __init__(self, record: Mapping[str, Any], number: int) -> None:
        self.name: str = record["name"]
        self.language: str = record["language"]
        self.category: str = record.get("category", "MARKETING").upper()
        self.status: str = record.get("status", "APPROVED").upper()
        self.template_id = str(record.get("id") or 900000000000000 + number)
        self.parameter_format: str = record.get("parameter_format", "POSITIONAL").upper()
        self.components: Sequence[Mapping[str, Any]] = record["components"]
        self.quality: str = record.get("quality_score", {}).get("score", "UNKNOWN")
        self.quality_at: int | None = record.get("quality_score", {}).get("date")
        self.rejected_reason: str = record.get("rejected_reason", "NONE")
        self.ttl_s: int | None = record.get("message_send_ttl_seconds")
        self.approved_count = 0
        self.pauses = 0
        self.plan: Plan = make_plan(self.components, named=self.parameter_format == "NAMED", category=self.category)

    @property
    def key(self) -> tuple[str, str]:
        """Name and language."""
        return self.name, self.language

    def quick_replies(self) -> list[tuple[int, str]]:
        """Position and label of its quick-reply buttons."""
        buttons: list[dict[str, Any]] = next(
            (one["buttons"] for one in self.components if one.get("type") == "BUTTONS"), []
        )
        return [(i, str(b.get("text", ""))) for i, b in enumerate(buttons) if b.get("type") == "QUICK_REPLY"]

    def as_graph(self, asked: Sequence[str] = ()) -> dict[str, Any]:
        """The template as Graph lists it, with the fields asked for."""
        everything = {
            "name": self.name,
            "parameter_format": self.parameter_format,
            "components": self.components,
            "language": self.language,
            "status": self.status,
            "category": self.category,
            "quality_score": {"score": self.quality, "date": self.quality_at or 0},
            "rejected_reason": self.rejected_reason,
            **({} if self.ttl_s is None else {"message_send_ttl_seconds": self.ttl_s}),
        }
        wanted = asked or _DEFAULT_FIELDS
        return {key: value for key, value in everything.items() if key in wanted} | {"id": self.template_id}

    def as_d360(self) -> dict[str, Any]:
        """The template as 360dialog lists it."""
        return {
            "name": self.name,
            "namespace": NAMESPACE,
            "language": self.language,
            "category": self.category,
            "status": self.status.lower(),
            "rejected_reason": self.rejected_reason,
            # No id and no parameter format here: names in the text tell the format.
            "external_id": self.template_id,
            "components": self.components,
        }


class TemplateBook:
    """All templates by name and language."""

    def __init__(self, records: Sequence[Mapping[str, Any]]) -> None:
        self._by_key = {
            (record["name"], record["language"]): Template(record, number)
            for number, record in enumerate(records, start=1)
        }

    def __iter__(self) -> Iterator[Template]:
        return iter(self._by_key.values())

    def find(self, name: str, language: str) -> Template | None:
        """The template of exactly this name and language code."""
        return self._by_key.get((name, language))

    def by_id(self, template_id: str) -> Template | None:
        """The template with an id."""
        return next((one for one in self if one.template_id == template_id), None)

    def named(self, name: str, language: str = "") -> list[Template]:
        """Every language of a template, or the one asked for."""
        return [one for one in self if one.name == name and language in ("", one.language)]

    def sendable(self, name: str, language: str) -> Template:
        """The template, when messages may be sent with it.

        raises  Refusal 132001, 132015 or 132016, platform.md C.3
        """
        template = self._by_key.get((name, language))
        if template is None:
            raise Refusal(132001, f"template name ({name}) does not exist in {language}")
        if template.status not in SENDABLE:
            # Whatever is neither paused nor disabled does not exist for a sender.
            code = _REFUSED_BY_STATUS.get(template.status, 132001)
            raise Refusal(code, f"template name ({name}) does not exist in {language}" if code == 132001 else "")
        return template

    def add(self, record: Mapping[str, Any]) -> Template:
        """Put a template in, in place of one of the same name and language.

        raises  BadTemplates when a field is missing
        """
        check_records([record])
        template = Template(record, len(self._by_key) + 1)
        self._by_key[template.key] = template
        return template

    def remove(self, name: str) -> int:
        """Delete every language of a template; how many there were."""
        keys = [key for key in self._by_key if key[0] == name]
        for key in keys:
            del self._by_key[key]
        return len(keys)


def load_templates(path: Path | None) -> list[dict[str, Any]]:
    """The records of a file in the shape of Graph's list, `{"data": [...]}` or the bare array; None: our own set.

    raises  BadTemplates naming the file and what is wrong
    """
    path = path or OWN_SET
    try:
        content = json.loads(path.read_text())
        records = content["data"] if isinstance(content, dict) else content
        check_records(records)
    except OSError as error:
        raise BadTemplates(f"{path} cannot be read ({error.strerror}); name a template file") from None
    except (ValueError, KeyError, TypeError) as error:
        raise BadTemplates(f"{path} is no list of templates: {error}") from None
    return list(records)


def check_records(records: object) -> None:
    """Refuse what is not a list of templates."""
    if not isinstance(records, list):
        raise BadTemplates('expected an array, or an object with "data"')
    for number, record in enumerate(records):
        missing = [
            key for key in ("name", "language", "components") if not isinstance(record, dict) or not record.get(key)
        ]
        if missing:
            raise BadTemplates(f"template {number} lacks {', '.join(missing)}")
