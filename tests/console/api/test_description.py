"""`/docs` lists every operation and loads nothing from elsewhere."""

import re

from tests.console.api.conftest import Client


def test_every_operation_is_on_the_page_and_nothing_comes_from_elsewhere(app):
    page = Client(app).get("/docs")
    assert page.status_code == 200
    for path in app.openapi()["paths"]:
        assert path in page.text
    assert re.findall(r"(?:src|href)=\"?(https?:|//)", page.text) == []
    assert "<script" not in page.text


def test_the_pages_of_the_framework_are_gone(app):
    assert Client(app).get("/redoc").status_code == 404
    assert Client(app).get("/api/v1/openapi.json").status_code == 200
