# Two commands matter: `make run` cleans seeds/ into output/, `make test` checks everything.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: run test test-fast test-full test-crash lint format train quality floors docs clean help

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

run: $(INSTALLED)  ## clean everything in seeds/ into output/
	$(BIN)/winnow ingest seeds --output output

# Tests start hundreds of processes: each would compile all it imports where images of Python forbid bytecode.
test test-fast test-full test-crash: export PYTHONDONTWRITEBYTECODE :=

test: $(INSTALLED) lint  ## lint, types, tests, coverage (under 15 minutes)
	$(BIN)/coverage erase
	$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report= --doctest-modules cleaners flows tests -m "not full"
	$(BIN)/coverage report --fail-under=90 --skip-covered --skip-empty

test-fast: $(INSTALLED)  ## what is quick (under 90 seconds)
	$(BIN)/python -m pytest -n 2 --dist worksteal -q -m "not slow and not full" tests

test-full: $(INSTALLED)  ## everything, with crash, fuzz and scale tests
	$(BIN)/python -m pytest -n 2 --dist worksteal tests

test-crash: $(INSTALLED)  ## kill -9 at random instants, full disks, hostile records, 200,000 mutated inputs, a 2 GB dump
	$(BIN)/python -m pytest -s tests/flows/test_crash.py tests/flows/test_kill.py tests/flows/test_hostile.py tests/flows/test_disk.py \
		tests/flows/test_workers.py tests/flows/test_retries.py tests/flows/test_growth.py
	$(BIN)/python -m benchmarks.fuzz --inputs 200000 --clean 0.1
	$(BIN)/python -m benchmarks.memory

lint: $(INSTALLED)  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(INSTALLED)  ## let ruff write the layout
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

quality: $(INSTALLED) $(VENV)/.peers  ## figures beside the peers', on ../shared/corpora
	$(BIN)/python -m benchmarks.quality

floors: $(INSTALLED) $(VENV)/.peers  ## fail where quality lies under benchmarks/floors.json
	$(BIN)/python -m benchmarks.quality --only winnow --check

docs: $(INSTALLED)  ## the documentation, into .site, every link checked
	$(BIN)/python -m mkdocs build --strict

train: $(INSTALLED) $(VENV)/.training  ## make the scorer's weights anew, from ../shared/corpora
	$(BIN)/python -m training

clean:  ## remove what was made, the environment too
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
	find output -mindepth 1 ! -name .gitkeep -delete

$(INSTALLED): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

$(VENV)/.peers: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --editable '.[dev,peers]'
	@touch $@

$(VENV)/.readers: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --editable '.[dev,readers]'
	@touch $@

$(VENV)/.training: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --editable '.[dev,peers,training]'
	@touch $@
