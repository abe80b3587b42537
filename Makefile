# Targets for people: `make demo`, `make test`. Everything else is for developers.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help

.PHONY: help demo test lint format types layers check bench test-wine oxt clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

$(VENV)/.user: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("kamxl needs Python 3.11 or newer, this is %s" % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[fast]'
	touch $@

$(VENV)/.dev: $(VENV)/.user
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[fast,dev]'
	touch $@

demo: $(VENV)/.user  ## classify the demo workbook and say where the result is
	$(BIN)/kamxl demo

test: $(VENV)/.dev  ## run every test
	$(BIN)/python -m pytest $(PYTEST_OPTIONS)

format: $(VENV)/.dev  ## format the code
	$(BIN)/ruff format kamxl tests bench
	$(BIN)/ruff check --fix kamxl tests bench

lint: $(VENV)/.dev
	$(BIN)/ruff format --check kamxl tests bench
	$(BIN)/ruff check kamxl tests bench

types: $(VENV)/.dev
	$(BIN)/mypy

layers: $(VENV)/.dev
	$(BIN)/lint-imports

check: lint types layers test  ## what CI runs: format, lint, types, layers, tests

bench: $(VENV)/.dev  ## compare with the peers, side by side, as ratios
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	$(BIN)/python -m bench

test-wine: $(VENV)/.dev  ## the real UDF server over COM under Wine (opt-in, about 1.5 GB)
	bash tests/wine/run

oxt: $(VENV)/.user  ## build the LibreOffice extension
	$(BIN)/kamxl install --libreoffice --folder build/libreoffice

clean:  ## remove the environment and caches
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
