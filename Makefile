# make validate  checks seeds/ and shows the report      make test   lints, checks the types, runs the tests
# make bench     measures speed, for docs/performance.md make bench BENCH=quick     … in small, and writes no page
# make clean     takes away what the others made         PYTHON=python3.12 make …   another Python

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
BENCH_VENV := .venv-bench
BENCH_INSTALLED := $(BENCH_VENV)/.installed
BENCH_FOLDER := $(or $(TMPDIR),/tmp)/validator-bench

.PHONY: validate test bench clean

# Findings (exit code 1) are what the report is for; only 2 and 3 say that something could not be checked.
validate: $(INSTALLED)
	@$(BIN)/validator validate seeds || test $$? -eq 1

test: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -n auto

# About a quarter of an hour, on a machine that does nothing else. BENCH=scale adds 300,000 seeds, BENCH=resume goes on with
# what was interrupted, BENCH="scale --resume" both.
bench: $(INSTALLED) $(BENCH_INSTALLED)
	$(BIN)/python -m benchmarks.speed --folder $(BENCH_FOLDER) --peers $(BENCH_VENV)/bin \
	    $(if $(BENCH),--$(BENCH)) $(if $(filter quick,$(BENCH)),,--page docs/performance.md)

# Apart from the program's own environment, in which nothing but what it needs should stand when it is measured.
$(BENCH_INSTALLED): pyproject.toml $(INSTALLED)
	@echo "Installing into $(BENCH_VENV) ..."
	@$(BIN)/python -m venv --clear $(BENCH_VENV)
	@$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

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
	rm -rf $(VENV) $(BENCH_VENV) $(BENCH_FOLDER) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find validator tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
