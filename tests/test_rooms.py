"""Rules of the house that the import contracts in pyproject.toml cannot say."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
ROOMS = ("models", "campaign", "tasks", "console", "sandbox", "migrations")
BUILDERS = {"sqlalchemy", "sqlalchemy.orm", "sqlalchemy.dialects.postgresql"}
OF_SESSIONS = {"Session", "select", "Row"}
"""Enough to load or add a single object and to name a type; whatever builds more belongs into a store."""

SQL = re.compile(
    r"\s*(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|COPY\s+\w+\s*(\(|FROM)|WITH\s+\w+\s+AS)\b",
    re.IGNORECASE | re.DOTALL,
)
REAL_CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}


def modules(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """Each absolute import as (module, name); the name is empty for `import module`."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.module, alias.name) for alias in node.names)


domain = pytest.mark.parametrize("path", modules("campaign", "tasks"), ids=shown)


@domain
def test_only_a_store_builds_sql(path: Path) -> None:
    if path.name.endswith("store.py"):
        return
    builders = {name for module, name in imported(path) if module in BUILDERS or (module, name) == ("psycopg", "sql")}
    assert builders <= OF_SESSIONS, f"{shown(path)}: move what needs {builders - OF_SESSIONS} into the room's store.py"
    texts = [node.value for node in nodes(path) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert not [text for text in texts if SQL.match(text)]


@domain
def test_the_domain_does_not_ask_the_real_clock(path: Path) -> None:
    if shown(path) == "tasks/wiring.py":
        return
    calls = [node.func for node in nodes(path) if isinstance(node, ast.Call)]
    asked = {(f.value.id, f.attr) for f in calls if isinstance(f, ast.Attribute) and isinstance(f.value, ast.Name)}
    assert not asked & REAL_CLOCKS, f"{shown(path)}: take the clock as an argument"


@pytest.mark.parametrize("path", modules(*ROOMS), ids=shown)
def test_a_module_is_named_after_a_thing_of_the_field(path: Path) -> None:
    assert path.stem not in {"utils", "util", "common", "helpers", "misc", "base_utils"}


def test_every_library_that_is_imported_is_a_dependency_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {canonicalize_name(Requirement(text).name) for text in project["dependencies"]}
    sources = packages_distributions()
    for path in modules(*ROOMS):
        for module, _ in imported(path):
            top = module.partition(".")[0]
            if top in sys.stdlib_module_names or top in ROOMS:
                continue
            homes = {canonicalize_name(name) for name in sources.get(top, [])}
            assert homes & declared, f"{shown(path)} imports {top}, which pyproject.toml does not name"
