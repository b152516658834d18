"""`campaign uploads`: the lists that campaigns were made from, as they were uploaded."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from console.cli.options import AsJson
from console.cli.output import counted, say, show_listing
from console.cli.stores import open_session, open_sessions

app = typer.Typer(no_args_is_help=True, help="The lists that campaigns were made from, as they were uploaded.")

Which = Annotated[str, typer.Argument(metavar="SHA|CAMPAIGN", help="First characters of the SHA-256, or a campaign.")]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write it.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Show what was uploaded, newest first."""
    from campaign.audience.uploads import kept_uploads
    from campaign.settings import current_settings

    with open_session() as session:
        rows = [asdict(each) for each in kept_uploads(session, current_settings())]
    if not as_json:
        rows = [row | {"sha256": row["sha256"][:12], "campaigns": ", ".join(row["campaigns"])} for row in rows]
    columns = ("sha256", "file_name", "size_bytes", "created_at", "campaigns", "erased_at")
    show_listing(rows, as_json=as_json, columns=columns, empty="Nothing was uploaded yet.")


@app.command("get")
def get(which: Which, out: Out) -> None:
    """Write a list to a file, byte for byte as it was uploaded; or as the erasure of somebody in it left it."""
    from campaign.audience.uploads import get_upload
    from campaign.settings import current_settings

    with open_session() as session:
        found = get_upload(session, current_settings(), which, out)
    say(f"Wrote {out} ({found.size_bytes:,} bytes, uploaded as {found.file_name}).")
    if found.erased_at is not None:
        say(
            f"It is no longer as it was uploaded: a CSV with {counted(found.erased_rows or 0, 'row')} emptied, as of "
            f"{found.erased_at:%Y-%m-%d}, when somebody in it was erased; SHA-256 {found.erased_sha256}."
        )


@app.command("remove")
def remove(which: Which) -> None:
    """Delete the file of a list for good; campaigns made from it stay."""
    from campaign.audience.uploads import remove_upload
    from campaign.settings import current_settings
    from models.session import session_scope

    with open_sessions() as sessions, session_scope(sessions) as session:
        found = remove_upload(session, current_settings(), which)
    say(f"Removed {found.file_name} ({found.sha256[:12]}).")
