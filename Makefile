# make demo    what the program does, on a made-up case
# make test    all tests
# make lint    format, style and types
# make docs    docs/detections.md from the rules, docs/validation.md from the tests
# make queries forensics/translated_queries.json, from the rules
# make bench   speed and memory beside a peer
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CASE := build/demo-case
EVENTS ?= 200000

.PHONY: demo test lint docs queries bench fixtures clean

demo: $(VENV)/run.stamp
	@mkdir -p build
	@$(BIN)/rustdesk-forensics analyze fixtures/case-dc01 --output $(CASE) --overwrite

test: $(VENV)/test.stamp
	$(BIN)/pytest -n auto

lint: $(VENV)/test.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

docs: $(VENV)/test.stamp
	$(BIN)/python -m forensics.report.detections > docs/detections.md
	$(BIN)/python -m tests.validation

queries: $(VENV)/test.stamp
	$(BIN)/python -m forensics.translated_queries

bench: $(VENV)/test.stamp
	$(BIN)/python -m tests.bench.bench_analyze --events $(EVENTS)

fixtures: $(VENV)/test.stamp
	$(BIN)/python -m fixtures.build

clean:
	rm -rf $(VENV) build

# What the program itself needs; the demo waits for no more than that.
$(VENV)/run.stamp: pyproject.toml
	@echo "Creating the environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

# What tests and linters need on top.
$(VENV)/test.stamp: $(VENV)/run.stamp
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[test]"
	@touch $@
