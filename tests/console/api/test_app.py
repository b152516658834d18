"""The API as a whole."""

import json


def test_its_description_names_every_verb_and_needs_no_key(app, ask):
    document = ask("GET", "/openapi.json", role=None).json()
    assert "/api/v1/campaigns/{id}/launch" in document["paths"]
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert all(operation["summary"] and operation["description"] for operation in operations)
    json.dumps(document)
