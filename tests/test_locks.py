"""What is installed is what the locks list: complete, with hashes, bound to no index."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = {"runtime": ["build"], "dev": ["build", "dev"]}


def locked(name: str) -> dict[str, list[Requirement]]:
    """Package name to its pins; a package has several where a marker tells them apart."""
    pins: dict[str, list[Requirement]] = {}
    for block in blocks(name):
        pin = Requirement(block.split("\\")[0].split("--hash")[0].strip())
        pins.setdefault(canonicalize_name(pin.name), []).append(pin)
    return pins


def blocks(name: str) -> list[str]:
    text = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    return re.split(r"\n(?=\S)", text.strip())


def wanted(name: str) -> list[Requirement]:
    extras = (PROJECT["optional-dependencies"][extra] for extra in EXTRAS[name])
    return [Requirement(text) for text in [*PROJECT["dependencies"], *(text for extra in extras for text in extra)]]


@pytest.mark.parametrize("name", EXTRAS)
def test_each_dependency_of_the_project_is_pinned_to_a_version_that_fits(name: str) -> None:
    pins = locked(name)
    for requirement in wanted(name):
        versions = [next(iter(pin.specifier)).version for pin in pins.get(canonicalize_name(requirement.name), [])]
        assert versions, f"{requirement.name} is not in requirements/{name}.lock; run make lock"
        assert all(requirement.specifier.contains(version) for version in versions)


@pytest.mark.parametrize("name", EXTRAS)
def test_each_pin_is_exact_and_has_hashes(name: str) -> None:
    for block in blocks(name):
        assert re.match(r"[a-z0-9][a-z0-9._-]*(\[[a-z,]+\])?==\S+", block), block[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block[:80]


@pytest.mark.parametrize("name", EXTRAS)
def test_no_lock_names_an_address_or_an_option_for_one(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^--", text, re.MULTILINE)


def test_tools_and_runtime_agree_on_every_version() -> None:
    runtime, dev = locked("runtime"), locked("dev")
    assert {name: pins for name, pins in dev.items() if name in runtime} == runtime
