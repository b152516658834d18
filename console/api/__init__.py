"""The REST API under `/api/v1`: the verbs of the command line, for other systems. A router per thing."""
