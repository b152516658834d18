"""The address of somebody's own database: told from a file, and shown without its password. Pure."""

import re
from collections.abc import Mapping
from urllib.parse import unquote

from campaign.errors import UsageError

FROM_VARIABLE = "env:"
_ADDRESS = re.compile(r"[A-Za-z][\w+.-]*://")
_ONE_SLASH = re.compile(r"([A-Za-z][\w+.-]+):/?[^/\s].*@")
"""Meant as an address, by what stands before a host; a file's name is hardly like that, and it may hold a password."""
_PASSWORD = re.compile(r"(?<=://)([^:/?#\s]*):(.*)@(?=[^@]*$)", re.DOTALL)
_SECRET_ARGUMENT = re.compile(r"(?i)([?&;](?:password|passwd|pwd|token|secret|sslpassword|key|odbc_connect)=)[^&;#\s]*")


def is_address(audience: str) -> bool:
    """Whether an audience names a database and no file."""
    return audience.startswith(FROM_VARIABLE) or bool(_ADDRESS.match(audience))


def check_slashes(audience: str) -> None:
    """Look at an audience that is taken for a file.

    raises  UsageError, which repeats nothing secret, when it is an address that lacks a slash
    """
    if found := _ONE_SLASH.match(audience):
        raise bad_address(f"{found[1]}:…", "after its kind it has two slashes")


def bad_address(shown: str, why: str) -> UsageError:
    """What is said of an address that cannot be one."""
    return UsageError(
        f"--audience {shown}: the address cannot be read ({why}); "
        "it is like postgresql://user:password@host:5432/name, an @ in the password written as %40"
    )


def address_of(audience: str, environment: Mapping[str, str]) -> str:
    """The address itself; `env:VAR` is read from the environment, so that no history of commands keeps it.

    raises  UsageError when the variable is unset
    """
    if not audience.startswith(FROM_VARIABLE):
        return audience
    variable = audience.removeprefix(FROM_VARIABLE)
    found = environment.get(variable, "").strip()
    if not found:
        raise UsageError(f"--audience {audience}: the variable {variable} is not set; set it to the database's address")
    if not _ADDRESS.match(found):
        raise UsageError(f"--audience {audience}: {variable} holds no address; it is like postgresql://user@host/name")
    return found


def masked(address: str) -> str:
    """The address without what is secret in it."""
    return _SECRET_ARGUMENT.sub(r"\1***", _PASSWORD.sub(r"\1:***@", address))


def without_secrets(text: str, address: str) -> str:
    """A driver's words without the password of the address, should they hold it."""
    found = _PASSWORD.search(address)
    secrets = [found[2], unquote(found[2])] if found and found[2] else []
    for secret in secrets:
        text = text.replace(secret, "***")
    return masked(text)
