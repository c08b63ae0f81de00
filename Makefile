.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := .venv/bin
STAMP := .venv/.synced

.PHONY: help sync photos splink lock fmt lint types arch test check demo serve work bench messages screenshots clean

help:  ## show what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

sync: $(STAMP)  ## create or update .venv with exactly the locked packages

$(STAMP): config/requirements-dev.txt pyproject.toml .ci/venv
	@bash .ci/venv
	@touch $@

photos: sync  ## what reads photos of identity cards, into .venv (some 150 MB)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r config/requirements-photos.txt

splink: sync  ## what groups the persons of very large registries, into .venv (some 190 MB)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r config/requirements-splink.txt

lock:  ## resolve the dependencies anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade pyproject.toml -o config/requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra dev -c config/requirements.txt pyproject.toml -o config/requirements-dev.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra photos -c config/requirements-dev.txt pyproject.toml -o config/requirements-photos.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra splink -c config/requirements-dev.txt pyproject.toml -o config/requirements-splink.txt

fmt: sync  ## format the code and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only .

lint: sync  ## style and common mistakes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: sync  ## static types, strict
	$(BIN)/mypy

arch: sync  ## who may import whom
	$(BIN)/lint-imports

check: lint types arch  ## everything that needs no running

test: sync  ## every test this machine allows; says what it skipped and why
	$(BIN)/pytest -n auto --dist loadgroup

demo: sync  ## the whole product on this machine, with made-up people
	$(BIN)/helpdesk demo

serve: sync  ## the web process
	$(BIN)/helpdesk serve

work: sync  ## a worker with the beat
	$(BIN)/helpdesk work --beat

bench: sync  ## measure; prints figures, fails nothing
	$(BIN)/python -m tests.benchmarks

screenshots: sync  ## take the pictures of the README anew (needs Chromium)
	$(BIN)/python -m tests.browser.screenshots

clean:  ## remove what was made, but not var/
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache *.egg-info
