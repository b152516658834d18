"""`campaign users`, `keys`, `audit`: who may use the console and the API, and who did what."""

import os
from datetime import datetime
from getpass import getuser
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.options import AsJson, RoleName, instant, utc_now
from console.cli.output import say, show_listing
from console.cli.stores import open_session, open_sessions

if TYPE_CHECKING:
    from campaign.access.roles import Actor

users = typer.Typer(no_args_is_help=True, help="Who may sign in to the console, and in which role.")
keys = typer.Typer(no_args_is_help=True, help="Keys by which other systems use the REST API.")
audit = typer.Typer()

ROLES = "viewer|operator|approver|admin"
Name = Annotated[str, typer.Argument(metavar="NAME", help="What the person signs in with.")]
KeyName = Annotated[str, typer.Argument(metavar="NAME", help="Says who uses the key.")]
Role = Annotated[RoleName, typer.Option(metavar=ROLES, help="What it lets them do.")]
NewRole = Annotated[RoleName, typer.Argument(metavar="ROLE", help=f"{ROLES.replace('|', ', ')}.")]
PasswordEnv = Annotated[
    str | None, typer.Option(metavar="VAR", help="Variable that holds the password; without it, it is asked for.")
]
Expires = Annotated[datetime | None, typer.Option(parser=instant, metavar="ISO8601", help="Ends by itself then.")]
Subject = Annotated[str | None, typer.Option(metavar="THING", help="Only of this, such as campaign:spring.")]
ActorName = Annotated[
    str | None, typer.Option("--actor", metavar="WHO", help="Only by user:NAME, key:NAME or cli:NAME.")
]
Limit = Annotated[int, typer.Option(min=1, max=10_000, metavar="N", help="The newest so many.")]


def at_the_shell() -> "Actor":
    """Whoever types the command."""
    from campaign.access.roles import at_the_shell

    try:
        return at_the_shell(getuser())
    except (KeyError, OSError):  # a user id without a name, as in some containers
        return at_the_shell("unknown")


@users.command("add")
def add_user(name: Name, role: Role = RoleName.OPERATOR, password_env: PasswordEnv = None) -> None:
    """Let somebody sign in to the console."""
    from campaign.access.users import add_user
    from models.access import Role

    with open_sessions() as sessions:
        user = add_user(sessions, at_the_shell(), name, _password(password_env), Role(role))
    say(f"{user.name} may sign in as {user.role}.")


@users.command("list")
def list_users(as_json: AsJson = False) -> None:
    """List everybody who may or might sign in."""
    from campaign.access.users import users

    columns = ("name", "role", "created_at", "last_login_at", "disabled_at")
    with open_session() as session:
        rows = [{column: getattr(user, column) for column in columns} for user in users(session)]
    show_listing(
        rows, as_json=as_json, columns=columns, empty="Nobody may sign in yet; campaign up prints how to start."
    )


@users.command("role")
def set_role(name: Name, role: NewRole) -> None:
    """Give a user another role; it counts from their next click on."""
    from campaign.access.users import set_role
    from models.access import Role

    with open_sessions() as sessions:
        set_role(sessions, at_the_shell(), name, Role(role))
    say(f"{name} is {role.value} now.")


@users.command("password")
def set_password(name: Name, password_env: PasswordEnv = None) -> None:
    """Set a new password; every browser of the user has to sign in again."""
    from campaign.access.users import set_password

    with open_sessions() as sessions:
        set_password(sessions, at_the_shell(), name, _password(password_env), now=utc_now())
    say(f"{name} has a new password.")


@users.command("disable")
def disable_user(name: Name) -> None:
    """Take a user's access away; what they have open ends at once."""
    from campaign.access.users import disable_user

    with open_sessions() as sessions:
        disable_user(sessions, at_the_shell(), name, now=utc_now())
    say(f"{name} cannot sign in any more.")


@users.command("enable")
def enable_user(name: Name) -> None:
    """Give a user their access back."""
    from campaign.access.users import enable_user

    with open_sessions() as sessions:
        enable_user(sessions, at_the_shell(), name)
    say(f"{name} may sign in again.")


@keys.command("create")
def create_key(name: KeyName, role: Role = RoleName.VIEWER, expires: Expires = None) -> None:
    """Make a key and print it, this once, on standard output."""
    from campaign.access.api_keys import create_key
    from models.access import Role

    with open_sessions() as sessions:
        say(create_key(sessions, at_the_shell(), name, Role(role), expires_at=expires))


@keys.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """List the keys, never the secrets."""
    from campaign.access.api_keys import keys

    columns = ("name", "hint", "role", "created_by", "created_at", "expires_at", "revoked_at", "used_at")
    with open_session() as session:
        rows = [{column: getattr(key, column) for column in columns} for key in keys(session)]
    show_listing(rows, as_json=as_json, columns=columns, empty="There are no keys; make one with campaign keys create.")


@keys.command("revoke")
def revoke_key(name: KeyName) -> None:
    """End a key at once and for good."""
    from campaign.access.api_keys import revoke_key

    with open_sessions() as sessions:
        revoke_key(sessions, at_the_shell(), name, now=utc_now())
    say(f"Key {name} does not count any more.")


@audit.command("audit", rich_help_panel="Set-up")
def show_audit(subject: Subject = None, actor: ActorName = None, limit: Limit = 50, as_json: AsJson = False) -> None:
    """Show who did what, newest first."""
    from campaign.access.audit import entries

    columns = ("at", "actor", "act", "subject", "before", "after")
    with open_session() as session:
        found = entries(session, subject=subject, actor=actor, limit=limit)
        rows = [{column: getattr(entry, column) for column in columns} for entry in found]
    show_listing(rows, as_json=as_json, columns=columns, empty="Nobody has done anything yet.")


def _password(variable: str | None) -> str:
    if variable is None:
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    if not os.environ.get(variable):
        raise typer.BadParameter(f"{variable} is not set; export the password in it", param_hint="--password-env")
    return os.environ[variable]
