"""The compose file and the image in the shape that they need; no container engine is started for it."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from campaign.settings import PREFIX, Settings
from tasks.app import QueueNames

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("image") == "campaign-engine"}
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def words(service: dict[str, Any]) -> list[str]:
    found = [*service.get("entrypoint", []), *service["command"]]
    assert all(isinstance(word, str) for word in found), f"quote {found}: a container gets text only"
    return found


def test_every_part_of_a_running_engine_has_a_service() -> None:
    assert set(OURS) == {"migrate", "worker", "housekeeper", "importer", "beat", "receiver"}
    assert set(SERVICES) - set(OURS) == {"postgres", "redis"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_services_that_exist_and_can_be_waited_for(name: str) -> None:
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        if how["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[needed]
        else:
            assert SERVICES[needed]["restart"] == "no"


@pytest.mark.parametrize("name", OURS)
def test_variables_are_settings(name: str) -> None:
    known = {f"{PREFIX}{field}".upper() for field in Settings.model_fields}
    assert set(OURS[name]["environment"]) <= known


def test_volumes_are_declared() -> None:
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


def test_the_workers_hear_every_queue_and_only_senders_hear_the_sending_queue() -> None:
    heard = {
        name: words(OURS[name])[words(OURS[name]).index("-Q") + 1].split(",")
        for name in ("worker", "housekeeper", "importer")
    }
    assert heard["worker"] == [QueueNames.SENDING]
    assert sorted(heard["housekeeper"]) == sorted(QueueNames.HOUSEKEEPING)
    assert heard["importer"] == [QueueNames.IMPORTS]


@pytest.mark.parametrize("name", OURS)
def test_programs_and_the_names_that_they_import_exist(name: str) -> None:
    found = words(OURS[name])
    named = [word for word in found if re.fullmatch(r"(tasks|console)\.\w+(:\w+)?", word)]
    assert named or found == ["migrate"]
    for word in named:
        module, _, attribute = word.partition(":")
        assert hasattr(importlib.import_module(module), attribute or "app")


def test_the_image_holds_every_room_and_installs_from_the_lock_with_hashes() -> None:
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert set(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE)) == rooms
    assert "--require-hashes -r requirements/runtime.lock" in DOCKERFILE
    assert re.search(r"^USER (?!root)\w+$", DOCKERFILE, re.MULTILINE)


def test_names_in_the_example_of_an_env_file_are_settings_or_used_by_compose() -> None:
    known = {f"{PREFIX}{field}".upper() for field in Settings.model_fields} | {"POSTGRES_PASSWORD"}
    names = re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    assert names
    assert set(names) <= known
