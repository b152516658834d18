"""`/docs`: every operation on one page, made from the OpenAPI document; it loads nothing from anywhere."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

METHODS = ("get", "post", "put", "patch", "delete")

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
code, pre {{ font: 14px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }}
h2 {{ margin-top: 2.5rem; border-bottom: 1px solid; padding-bottom: .25rem; }}
details {{ margin: .5rem 0; }} summary {{ cursor: pointer; }} summary b {{ display: inline-block; min-width: 4.5rem; }}
dt {{ font-weight: 600; margin-top: .5rem; }} dd {{ margin-left: 1rem; }}
</style></head><body><main><h1>{title}</h1><p>{description}</p>
<p>The same for programs: <a href="{openapi}">{openapi}</a>. Send an API key as <code>Authorization: Bearer …</code>;
answers that failed are problem details (RFC 9457); the next page of a list stands in the <code>Link</code> header.</p>
{operations}</main></body></html>"""


@router.get("/docs", response_class=HTMLResponse)
def describe(request: Request) -> HTMLResponse:
    """The page."""
    return HTMLResponse(page(request.app.openapi(), request.app.openapi_url))


def page(document: Mapping[str, Any], openapi_url: str) -> str:
    """The page of an OpenAPI document. Pure."""
    info = document["info"]
    return _PAGE.format(
        title=escape(info["title"]), description=escape(info["description"]), openapi=escape(openapi_url),
        operations="\n".join(_by_tag(document)),
    )  # fmt: skip


def _by_tag(document: Mapping[str, Any]) -> Iterator[str]:
    tags: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                tags.setdefault(operation.get("tags", ["other"])[0], []).append(_operation(method, path, operation))
    for tag, operations in tags.items():
        yield f"<h2>{escape(tag)}</h2>"
        yield from operations


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    parts = [f"<p>{escape(operation.get('description', ''))}</p>", "<dl>"]
    for parameter in operation.get("parameters", []):
        told = parameter.get("description", "")
        needed = " (needed)" if parameter.get("required") else ""
        parts.append(f"<dt><code>{escape(parameter['name'])}</code> in {escape(parameter['in'])}{needed}</dt>")
        parts.append(f"<dd>{escape(told)}</dd>")
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        parts.append(f"<dt>body, {escape(kind)}</dt><dd><code>{escape(_shape(content.get('schema', {})))}</code></dd>")
    answers = ", ".join(escape(status) for status in operation.get("responses", {}))
    parts.append(f"<dt>answers</dt><dd>{answers}</dd></dl>")
    summary = f"<b>{method.upper()}</b> <code>{escape(path)}</code> {escape(operation.get('summary', ''))}"
    return f"<details><summary>{summary}</summary>{''.join(parts)}</details>"


def _shape(schema: Mapping[str, Any]) -> str:
    return str(schema.get("$ref", schema.get("type", "any"))).rpartition("/")[2]
