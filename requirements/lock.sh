#!/bin/sh
# Renew the locks from pyproject.toml: newest versions that fit, for every platform and Python from 3.11, with hashes.
#
# Works in a scratch environment with uv, so that .venv stays as it is. Run the tests before committing the result.
set -eu

cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

compile() {
    "$scratch/bin/uv" pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
        --no-annotate --no-header "$@" pyproject.toml
}

.venv/bin/python -m venv "$scratch"
"$scratch/bin/pip" install --quiet --disable-pip-version-check uv
compile --extra build --output-file requirements/runtime.lock
compile --extra build --extra dev --constraint requirements/runtime.lock --output-file requirements/dev.lock
git diff --stat -- requirements
