"""The golden bodies of tests/fixtures/bodies: a template, a person's values, what is sent, what is seen."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "fixtures" / "bodies"
BODIES: dict[str, dict[str, Any]] = {path.stem: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")}
"""By name; the number is that of the shape in the platform's reference."""
