# make demo         a running shop with recommendations, from nothing     (PORT=8001, ORDERS=file.csv.gz)
# make test         the test suite on the embedded defaults               (ARGS="-k money")
# make check        style, types, layers, migrations, deployment, tests with coverage
# make screenshots  pictures of the docs, from a demo that is running
# make lock         pin all requirements anew
# make clean        remove caches, the environment and what the demo has made

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo test check lint types layers django coverage benchmark-environment \
	peers-environment lock screenshots clean

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
ORDERS ?=
# Workers of the test run; 0 runs it in one process.
JOBS ?= 2
ARGS ?=

# The first Python that really runs (version managers leave shims that do not), is new enough and
# can make environments.
USABLE := import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))
FIND_PYTHON = for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14 python; do \
	"$$python" -c '$(USABLE)' >/dev/null 2>&1 && { echo "$$python"; break; }; done
PIP_INSTALL = $(BIN)/python -m pip install --disable-pip-version-check -qq --require-hashes

help:
	@sed -n '/^# make/s/^# //p' Makefile

$(BIN)/python:
	@python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then \
		echo "Python 3.11 or newer with venv and ensurepip is needed; found: $$(python3 --version 2>&1 || true)" >&2; \
		echo "Install it (Debian: python3-venv), or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; \
		exit 1; \
	fi; \
	echo "Making $(VENV) with $$($$python --version)"; \
	"$$python" -m venv $(VENV)

# Each stamp is newer than the list it stands for, so a second start installs nothing.
$(VENV)/.runtime: requirements.txt | $(BIN)/python
	@echo "Installing requirements.txt (once, about a minute)"
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.development: requirements-dev.txt | $(BIN)/python
	@echo "Installing requirements-dev.txt (once, about two minutes)"
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@

$(VENV)/.benchmark: requirements-benchmark.txt $(VENV)/.development
	@echo "Installing requirements-benchmark.txt (the libraries we are measured against)"
	@$(PIP_INSTALL) -r requirements-benchmark.txt
	@touch $@

benchmark-environment: $(VENV)/.benchmark

# Optional, 1.5 GB: RecTools and LensKit beside the other peers of benchmarks.quality.
peers-environment: .venv-peers/.installed

.venv-peers/.installed: requirements-peers.txt
	@$$($(FIND_PYTHON)) -m venv .venv-peers
	@.venv-peers/bin/python -m pip install --no-input --disable-pip-version-check -qq -r requirements-peers.txt
	@touch $@

demo: $(VENV)/.runtime
	@exec $(BIN)/python manage.py demo --port $(PORT) $(if $(ORDERS),--orders "$(ORDERS)")

test: $(VENV)/.development
	$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

check: lint types layers django coverage

lint: $(VENV)/.development
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.development
	$(BIN)/mypy

layers: $(VENV)/.development
	$(BIN)/lint-imports

# The checks of a public site: DEBUG off, a key of its own, a host name, a cache that is shared.
django: $(VENV)/.development
	$(BIN)/python manage.py makemigrations --check --dry-run
	DJANGO_DEBUG=0 ALLOWED_HOSTS=shop.example CACHE_URL=rediscache://127.0.0.1:6379/1 \
		SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))') \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

coverage: $(VENV)/.development
	$(BIN)/python -m pytest -n $(JOBS) --cov --cov-report=term $(ARGS)

# Built by pip-compile from pyproject.toml. The same lists install on Linux and macOS.
LOCK = CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe \
	--strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options
lock: $(VENV)/.development
	$(LOCK) --extra demo --extra postgres --extra redis -o requirements.txt pyproject.toml
	$(LOCK) --extra demo --extra postgres --extra redis --extra oscar --extra salesman --extra dev \
		-c requirements.txt -o requirements-dev.txt pyproject.toml
	$(LOCK) --extra benchmark -c requirements-dev.txt -o requirements-benchmark.txt pyproject.toml

# From a demo that runs in another terminal.
screenshots: $(VENV)/.development
	$(BIN)/python docs/screenshots.py --url http://127.0.0.1:$(PORT)

clean:
	rm -rf $(VENV) .venv-peers var build dist htmlcov .coverage .coverage.* .mypy_cache .ruff_cache \
		.pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
