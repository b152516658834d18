"""What the domain may refuse, read out of its source: each sentence that is handed to an error of ours.

Where a part of a sentence is one of several texts (a condition, a constant, what another function gives back), each of
them comes up in some sample; what cannot be known beforehand, such as a name, is X1.
"""

import ast
import importlib
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import campaign
from campaign import errors

ROOT = Path(campaign.__file__).parent.parent
MADE_IN = ("campaign", "console/web", "console/api/door.py", "console/api/files.py")
"""Where refusals are made that a page may show; a browser sends its files to the API."""

BESIDES = frozenset({"fault", "UnreadableWebhook"})
"""Calls that are no refusals, but whose sentences stand on the page of problems."""

UNKNOWN = "X1"
DEEPEST = 4
"""How many functions are looked into for what they give back."""


class Refusal(NamedTuple):
    """One call of an error's class. `samples` are its sentences with every part filled."""

    path: str
    function: str
    line: int
    samples: tuple[str, ...]


class Place(NamedTuple):
    """Where an expression stands: the names of its module, and what its function sets names to."""

    names: Mapping[str, Any]
    local: Mapping[str, list[ast.expr]]
    depth: int = 0


def refusals() -> Iterator[Refusal]:
    """Every error of ours that is made with a text, and what stands among the problems."""
    kinds = error_names() | BESIDES
    for path in _modules():
        tree = _tree(path)
        if not any(call_of(node) in kinds for node in ast.walk(tree)):
            continue
        names = vars(importlib.import_module(module_of(path)))
        for function, node in _calls(tree, kinds):
            place = Place(names, _local(function))
            name, samples = getattr(function, "name", ""), tuple(phrases(node.args[0], place))
            yield Refusal(path.relative_to(ROOT).as_posix(), name, node.lineno, samples)


def _modules() -> list[Path]:
    named = [ROOT / name for name in MADE_IN]
    return [path for each in named for path in (sorted(each.rglob("*.py")) if each.is_dir() else [each])]


@cache
def error_names() -> frozenset[str]:
    """Names of the classes of our errors, in whichever module of campaign/ they are made."""
    found = {name for name, kind in vars(errors).items() if _is_error(kind)}
    while True:
        more = {
            node.name
            for path in (ROOT / "campaign").rglob("*.py")
            for node in ast.walk(_tree(path))
            if isinstance(node, ast.ClassDef) and any(getattr(base, "id", "") in found for base in node.bases)
        }
        if more <= found:
            return frozenset(found)
        found |= more


def _is_error(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, errors.CampaignError)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def module_of(path: Path) -> str:
    """The name that a file is imported by."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def call_of(node: ast.AST) -> str:
    """Name of what is called."""
    return str(getattr(node.func, "id", getattr(node.func, "attr", ""))) if isinstance(node, ast.Call) else ""


def _calls(tree: ast.Module, kinds: frozenset[str]) -> Iterator[tuple[ast.AST, ast.Call]]:
    """Calls of these names with a text, each with the innermost function around it."""

    def within(function: ast.AST, node: ast.AST) -> Iterator[tuple[ast.AST, ast.Call]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call) and call_of(child) in kinds and child.args:
                yield function, child
            inner = child if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else function
            yield from within(inner, child)

    return within(tree, tree)


def _local(function: ast.AST) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function) if not isinstance(function, ast.Module) else ():
        if isinstance(node, ast.Assign):
            for target in node.targets:
                for name, value in _set(target, node.value):
                    found.setdefault(name, []).append(value)
        elif isinstance(node, ast.NamedExpr | ast.AnnAssign) and node.value is not None:
            for name, value in _set(node.target, node.value):
                found.setdefault(name, []).append(value)
    return found


def _set(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for one, its in zip(target.elts, value.elts, strict=True):
            yield from _set(one, its)


def phrases(node: ast.expr, place: Place) -> list[str]:
    """What an expression may come to, as texts."""
    found = _phrases(node, place)
    return list(dict.fromkeys(found)) or [UNKNOWN]


def _phrases(node: ast.expr, place: Place) -> list[str]:
    match node:
        case ast.Constant(value=value):
            return [str(value)]
        case ast.JoinedStr(values=parts):
            return _joined([phrases(part, place) for part in parts])
        case ast.FormattedValue(value=value, conversion=conversion):
            return [repr(each) if conversion == ord("r") else each for each in phrases(value, place)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _joined([phrases(left, place), phrases(right, place)])
        case ast.IfExp(body=body, orelse=otherwise):
            return [*phrases(body, place), *phrases(otherwise, place)]
        case ast.BoolOp(values=values):
            return [each for value in values for each in phrases(value, place)]
        case ast.Name(id=name):
            return _named(name, place)
        case ast.Subscript(value=ast.Name(id=name)):
            return _in_table(name, place)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=[_, otherwise]):
            return [*_in_table(name, place), *phrases(otherwise, place)]
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            return [re.sub(r"\{\w*\}", UNKNOWN, each) for each in phrases(value, place)]
        case ast.Call(func=ast.Name(id=name)):
            return _given_back(place.names.get(name), place.depth)
    return []


def _joined(parts: list[list[str]]) -> list[str]:
    """Each text of each part in some sample; not each with each."""
    most = max((len(part) for part in parts), default=0)
    return ["".join(part[number % len(part)] for part in parts) for number in range(most)]


def _named(name: str, place: Place) -> list[str]:
    if name in place.local:
        there = place._replace(local={key: value for key, value in place.local.items() if key != name})
        return [each for value in place.local[name] for each in phrases(value, there)]
    value = place.names.get(name)
    return [str(value)] if isinstance(value, str | int | float) else []


def _in_table(name: str, place: Place) -> list[str]:
    """The texts of a table, which the function or its module sets."""
    for there in place.local.get(name, ()):
        if isinstance(there, ast.Dict):
            return [each for value in there.values for each in phrases(value, place)]
    table = place.names.get(name)
    return [value for value in table.values() if isinstance(value, str)] if isinstance(table, Mapping) else []


def _given_back(function: object, depth: int) -> list[str]:
    """What a function of ours gives back, where it is text."""
    if depth >= DEEPEST or not inspect.isfunction(function) or not function.__module__.startswith("campaign."):
        return []
    if function.__annotations__.get("return") is not str:
        return []
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    place = Place(function.__globals__, _local(tree), depth + 1)
    given = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value is not None]
    return [each for value in given for each in phrases(value, place)]
