"""A stand-in for the WhatsApp platform, reached over HTTP only: `python -m sandbox`.

It imports nothing of the engine and the engine imports nothing of it, so that it can be trusted as a witness.
Control endpoints and scenario keys: docs/sandbox.md.
"""
