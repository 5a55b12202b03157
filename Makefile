# Needs python3 (3.11 or newer) with venv, make and the network; everything else goes into .venv.

PYTHON ?= python3
DATA ?= ../shared/data
FUZZ_SECONDS ?= 600
# Two more than there are processors: many tests wait for a browser, a broker, a person who lifts.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(os.cpu_count() + 2)')

# The tests start hundreds of programs: without bytecode, which some environments switch off, each compiles
# all it imports anew.
export PYTHONDONTWRITEBYTECODE :=

VENV := .venv
PY := $(VENV)/bin/python
# One stamp per interpreter: with another PYTHON the environment is made anew.
STAMP := $(VENV)/.installed-$(notdir $(PYTHON))

.DEFAULT_GOAL := help
.PHONY: help demo test lint format vendor bench schemas reference score fuzz clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

$(STAMP): pyproject.toml
	@test -e $@ || $(PYTHON) -m venv --clear $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --editable '.[all,dev,fuzz]'
	@touch $@

demo: $(STAMP)  ## a simulated sensor over a real Bluetooth stack: live reps, then the sets
	$(PY) -m imurep demo

test: lint  ## everything that must hold: lint, types, tests, coverage
	$(PY) -m pytest --numprocesses=$(WORKERS) --dist=worksteal --cov

lint: $(STAMP)  ## ruff and mypy, changing nothing
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy

format: $(STAMP)  ## let ruff mend what it can
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

schemas: $(STAMP)  ## write JSON Schemas and the AsyncAPI document from the types of the payloads
	$(PY) -m docs.generate.schemas docs/reference

reference: $(STAMP)  ## write docs/reference/python.md from the docstrings
	$(PY) -m docs.generate.python_reference

vendor: $(STAMP)  ## get the browser libraries again, in the versions of their vendor.toml (needs npm)
	$(PY) -m tests.vendor

bench: $(STAMP)  ## speed ratios and latencies
	$(PY) -m tests.benchmarks

score: $(STAMP)  ## accuracy on real recordings (make score DATA=DIR) and on fresh simulated ones
	$(PY) -m tests.accuracy --data $(DATA)

fuzz: $(STAMP)  ## look for bytes that break a decoder, a conversation or a reader; ten minutes each
	for target in decoder conversation recording $(foreach kind,polar movesense witmotion,$(kind)-decoder $(kind)-conversation); do \
		$(PY) -m tests.fuzz $$target $(FUZZ_SECONDS) || exit 1; done

clean:  ## remove the environment and all caches
	rm -rf $(VENV) .fuzz dist build .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find src firmware_sim tests recordings -name __pycache__ -type d -prune -exec rm -rf {} +
