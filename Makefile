# The verbs of the project. Each prepares .venv from the locked requirements first; a second run costs nothing.
# Choose another interpreter with PYTHON=/path/to/python3.12, hand arguments on with ARGS="--rows 5000"; PROCESSES=0 runs
# the tests one after another.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help demo up test check chaos bench pictures lock runtime dev

BIN := .venv/bin
PROCESSES ?= 2

help:  ## list these verbs
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r verb does; do \
		printf '  make %-8s  %s\n' "$$verb" "$$does"; done

demo: runtime  ## run a whole campaign against the stand-in platform and compare its report with the ledger
	@$(BIN)/campaign demo $(ARGS)

up: runtime  ## run everything in the foreground: stores, workers, beat, receiver (Ctrl-C ends it)
	@exec $(BIN)/campaign up $(ARGS)

test: dev  ## run the tests on a real Postgres and a real Redis, started for them
	@$(BIN)/python -m pytest -rs -n $(PROCESSES) --dist loadfile $(ARGS)

check: dev  ## check format, lint, types, import contracts and texts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@.ci/texts

chaos: dev  ## run the long tests that kill processes in the middle of a campaign
	@$(BIN)/python -m pytest -rs -m chaos --timeout=1800 $(ARGS)

bench: dev  ## print the figures: each against a bare baseline in the same run
	@$(BIN)/python -m pytest -q -s -m bench -o python_files="bench_*.py" --timeout=3600 $(or $(ARGS),tests/bench)

pictures: dev  ## take the pictures of the console that docs/console.md shows (needs Chromium)
	@$(BIN)/python -m docs.make_pictures $(ARGS)

lock: dev  ## renew requirements/*.lock from pyproject.toml (needs the network)
	@requirements/lock.sh

runtime dev:
	@requirements/prepare.sh $@
