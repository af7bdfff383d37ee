# make validate  checks seeds/ and shows the report      make test   lints, checks the types, runs the tests
# make clean     takes away what the others made         PYTHON=python3.12 make …   another Python

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: validate test clean

# Findings (exit code 1) are what the report is for; only 2 and 3 say that something could not be checked.
validate: $(INSTALLED)
	@$(BIN)/validator validate seeds || test $$? -eq 1

test: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -n auto

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Python 3.11 or later is needed; $(PYTHON) is: $$($(PYTHON) --version 2>&1 | head -n 1)." >&2; \
	    echo "Where a later one has another name, say so: make PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 2; }
	@echo "Installing into $(VENV) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@$(BIN)/python -m compileall -q validator  # else each start compiles them, where PYTHONDONTWRITEBYTECODE is set
	@touch $@

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find validator tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
