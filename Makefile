# make validate  checks seeds/ and shows the report      make test   lints, checks the types, runs the tests
# make bench     measures speed, for docs/performance.md make bench BENCH=quick     … in small, and writes no page
# make clean     takes away what the others made         PYTHON=python3.12 make …   another Python
# make lock      renews the lock files in locks/, from which all of the above install
# make contract-lowest   the short contract on the lowest versions that pyproject.toml allows
# make contract-newest   the same on the newest
# make coverage  measures which lines and branches the tests reach; below the floor it fails
# make docs      the documentation as a site, in build/docs; a dead link is an error
# make release   wheel, source archive and list of components, in build/release (docs/releasing.md)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
BENCH_VENV := .venv-bench
BENCH_INSTALLED := $(BENCH_VENV)/.installed
BENCH_FOLDER := $(or $(TMPDIR),/tmp)/validator-bench
LOCK_VENV := .venv-lock
RELEASE_VENV := .venv-release
INSTALL := -m pip install --quiet --disable-pip-version-check --only-binary :all:
LOCKED := $(INSTALL) --require-hashes -r
# Each process of the tests would compile the tests and what pytest rewrites anew, where this is set.
KEEPING := PYTHONDONTWRITEBYTECODE=
COMPILE = $(LOCK_VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --no-build --generate-hashes --upgrade \
    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --output-file

.PHONY: validate test bench clean lock contract-lowest contract-newest coverage docs release

# Findings (exit code 1) are what the report is for; only 2 and 3 say that something could not be checked.
validate: $(INSTALLED)
	@$(BIN)/validator validate seeds || test $$? -eq 1

test: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(KEEPING) $(BIN)/python -m pytest -q -n auto

# Processes that the tests start are measured too. The floor is in pyproject.toml.
coverage: $(INSTALLED)
	$(BIN)/coverage erase
	$(KEEPING) $(BIN)/coverage run -m pytest -q -n auto
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

docs: $(INSTALLED)
	$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet -c docs . build/docs

# BENCH_POSTS=FOLDER takes copies of the real posts of a folder (society-*.md and opinion-*.md) in place of made-up ones.
# About half an hour, on a machine that does nothing else. BENCH=scale adds 300,000 seeds, BENCH=resume goes on with
# what was interrupted, BENCH="scale --resume" both.
bench: $(INSTALLED) $(BENCH_INSTALLED)
	$(BIN)/python -m benchmarks.speed --folder $(BENCH_FOLDER) --peers $(BENCH_VENV)/bin \
	    $(if $(BENCH_POSTS),--posts "$(BENCH_POSTS)") \
	    $(if $(BENCH),--$(BENCH)) $(if $(filter quick,$(BENCH)),,--page docs/performance.md)

# Apart from the program's own environment, in which nothing but what it needs should stand when it is measured.
$(BENCH_INSTALLED): locks/bench.txt $(INSTALLED)
	@echo "Installing into $(BENCH_VENV) ..."
	@$(BIN)/python -m venv --clear $(BENCH_VENV)
	@$(BENCH_VENV)/bin/python $(LOCKED) locks/bench.txt
	@touch $@

# All that is fetched is in the lock, the build backend too: --no-index, so that the second step fetches nothing.
$(INSTALLED): pyproject.toml locks/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Python 3.11 or later is needed; $(PYTHON) is: $$($(PYTHON) --version 2>&1 | head -n 1)." >&2; \
	    echo "Where a later one has another name, say so: make PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 2; }
	@echo "Installing into $(VENV) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python $(LOCKED) locks/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q validator  # else each start compiles them, where PYTHONDONTWRITEBYTECODE is set
	@touch $@

# The newest versions that pyproject.toml allows, for every Python and platform, wheels only. It needs uv alone, which has a
# lock of its own; what the other two held before is not looked at, so they may be missing or broken.
lock:
	@$(PYTHON) -m venv --clear $(LOCK_VENV)
	@$(LOCK_VENV)/bin/python $(LOCKED) locks/lock.txt
	@$(COMPILE) locks/dev.txt --extra dev pyproject.toml
	@$(COMPILE) locks/bench.txt --extra bench pyproject.toml
	@$(COMPILE) locks/lock.txt --group lock
	@$(COMPILE) locks/release.txt --group release
	@$(COMPILE) locks/program.txt --extra review --constraint locks/dev.txt pyproject.toml

# What a release consists of. The same commit gives the same bytes, whoever builds it and when.
release:
	@rm -rf $(RELEASE_VENV) build/release
	@$(PYTHON) -m venv $(RELEASE_VENV)
	@$(RELEASE_VENV)/bin/python $(LOCKED) locks/release.txt
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(RELEASE_VENV)/bin/hatchling build --directory build/release
	@$(RELEASE_VENV)/bin/cyclonedx-py requirements --pyproject pyproject.toml --mc-type application --output-reproducible \
	    --output-file build/release/components.cdx.json locks/program.txt

# The wheel as users install it, on the versions that its ranges allow: these alone are in no lock.
contract-lowest contract-newest: contract-%: $(INSTALLED)
	@echo "Installing into .venv-$* ..."
	@$(PYTHON) -m venv --clear .venv-$*
	@$(BIN)/python tests/floors.py $* > .venv-$*/requirements.txt
	@.venv-$*/bin/python $(INSTALL) -r .venv-$*/requirements.txt
	@$(BIN)/python -m hatchling build --target wheel --directory .venv-$*/dist 2> .venv-$*/build.log || \
	    { cat .venv-$*/build.log >&2; exit 1; }
	@.venv-$*/bin/python $(INSTALL) --no-index --no-deps .venv-$*/dist/*.whl
	.venv-$*/bin/pytest -q -m contract tests/test_contract.py

clean:
	rm -rf $(VENV) $(BENCH_VENV) $(LOCK_VENV) $(RELEASE_VENV) .venv-lowest .venv-newest $(BENCH_FOLDER) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .nox .coverage*
	find validator tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
