# `make demo` and `make test` need Python 3.11 or later, git and make; everything else they install into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: all test histories demo lint bench conformance conservation clean schemas docs

all: test

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $(STAMP)

test: $(STAMP)
	$(BIN)/pytest -n 2 --dist worksteal

# Thousands of random histories of edits, portal changes and time, other ones each time.
histories: $(STAMP)
	CSPCTL_HISTORIES=$${CSPCTL_HISTORIES:-2000} $(BIN)/pytest -q --hypothesis-show-statistics tests/scenarios/test_random_histories.py

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --strict conformance
	$(BIN)/lint-imports

demo: $(STAMP)
	PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh

schemas: docs
	$(BIN)/cspctl schema export --out schemas
	$(BIN)/cspctl schema reference --out docs/kinds.md

docs: $(STAMP)
	$(BIN)/python -m cspctl.emulator.reference docs/emulator.md

bench: $(STAMP)
	$(BIN)/python -m benchmarks

# CSPCTL_SAMPLES names the folder of documented exchanges, also one of other pages; the table goes to docs/emulator.md.
conformance: $(STAMP)
	$(BIN)/python -m conformance

# Two years of a larger fleet than the suite's, by CONSERVATION_CUSTOMERS and CONSERVATION_SEED: every cent is explained.
conservation: $(STAMP)
	CONSERVATION_CUSTOMERS=$${CONSERVATION_CUSTOMERS:-300} $(BIN)/pytest tests/emulator/billing/test_money_conservation.py

clean:
	rm -rf $(VENV) build dist *.egg-info
