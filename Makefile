# Two commands do everything: `make run` and `make test`. Needs only git, make and Python 3.11+ with pip.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# pip of the base Python fills the environment, so that ensurepip is not needed.
PIP := $(PYTHON) -m pip --disable-pip-version-check --python $(BIN)/python install --quiet
CONFIG ?= config.example.yaml
# How many processes run tests: one more than there are cores, because many tests wait for a database or a process. A module's
# tests stay together, because they share what is slow to set up. Many more processes import the same modules, so they are kept
# compiled whatever the environment says.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min((os.cpu_count() or 1) + 1, 8))')
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist=loadscope --no-loadscope-reorder

.PHONY: run test test-fast check docs format dist lock clean bench soak help

help:
	@echo "make run     start all dialects on SQLite with $(CONFIG)"
	@echo "make test    checks and every test, in one process more than there are cores"
	@echo "             (STRICT=1: a skipped test is a failure, DURATIONS=1: list the slowest 20, WORKERS=4, PYTEST_ARGS='-k moves')"
	@echo "make test-fast  within a minute: no checks, and only tests without a database and without other processes"
	@echo "make check   ruff, mypy --strict, import contracts"
	@echo "make docs    the documentation as pages in site/, with every link checked"
	@echo "make format  rewrite the code in the project's style"
	@echo "make bench   speed as a ratio to a bare aiohttp handler, peers, growth; about 10 minutes, writes tests/bench/results"
	@echo "             (QUICK=1: under 2 minutes, writes nothing; BENCH_ARGS='--only reads writes', '--page', '--help')"
	@echo "make soak    every fault under load, crashes and moves in full, about 15 minutes; writes tests/failover/results"
	@echo "             (SOAK_ARGS='--rounds 3')"
	@echo "make dist    the two wheels into dist: the server, and the client for tests alone"
	@echo "make lock    renew requirements/*.txt (needs uv)"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "invoice-gateway needs Python 3.11 or newer; set PYTHON=..." >&2; exit 2; }
	$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/.runtime: requirements/runtime.txt pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes -r requirements/runtime.txt
	$(PIP) --require-hashes -r requirements/build.txt
	$(PIP) --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml $(VENV)/.runtime | $(BIN)/python
	$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.docs: requirements/docs.txt $(VENV)/.runtime | $(BIN)/python
	$(PIP) --require-hashes -r requirements/docs.txt
	@touch $@

run: $(VENV)/.runtime
	$(BIN)/invoice-gateway serve --config $(CONFIG) --examples

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs --quiet build --config-file docs/mkdocs.yml
	@echo "site/index.html"

test: check $(VENV)/.docs
	STRICT=$(STRICT) $(PYTEST) $(if $(DURATIONS),--durations=20 --durations-min=0.1) $(PYTEST_ARGS)

test-fast: $(VENV)/.dev
	$(PYTEST) -m 'not process and not database' $(PYTEST_ARGS)

bench: $(VENV)/.dev
	$(BIN)/python -m tests.bench.bench $(if $(QUICK),--quick,--results tests/bench/results) $(BENCH_ARGS)

soak: $(VENV)/.dev
	LONG=1 $(PYTEST) -m long_form
	$(BIN)/python -m tests.failover.soak $(SOAK_ARGS)

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

dist: $(VENV)/.runtime
	rm -rf dist
	$(BIN)/python -m hatchling build -t wheel -d dist
	cd gateway/packaging/testing && $(CURDIR)/$(BIN)/python -m hatchling build -t wheel -d $(CURDIR)/dist

lock:
	uv pip compile pyproject.toml --extra pdf --extra postgres --generate-hashes --universal --python-version 3.11 --no-header -q -o requirements/runtime.txt
	uv pip compile pyproject.toml --extra pdf --extra postgres --extra bench --group dev --generate-hashes --universal --python-version 3.11 --no-header -q -o requirements/dev.txt
	uv pip compile --group docs --constraint requirements/dev.txt --generate-hashes --universal --python-version 3.11 --no-header -q -o requirements/docs.txt
	uv pip compile requirements/build.in --generate-hashes --universal --python-version 3.11 --no-header -q -o requirements/build.txt

clean:
	rm -rf $(VENV) dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
