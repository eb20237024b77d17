# The commands of the project. `make` alone prints them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# One profile for the command, the wheel, the addon and the tests, so that they share what is built.
PROFILE := --release
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
CORE := typescript/packages/core
CLI := target/release/cascadeflow

# The interpreter that the Python binding is built for, the same in every build: a change of it would
# build the binding's dependencies anew.
export PYO3_PYTHON := $(CURDIR)/$(PY)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

RUST_SOURCES := $(shell find crates bindings pricing -type f \
    \( -name '*.rs' -o -name '*.toml' -o -name '*.json' -o -name '*.txt' \) \
    -not -path '*/tests/*' -not -path '*/node_modules/*') Cargo.toml Cargo.lock
NODE_SOURCES := $(shell find $(CORE) -type f \( -name '*.ts' -o -name '*.mjs' -o -name '*.json' \) \
    -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

NEXTEST := $(shell command -v cargo-nextest 2>/dev/null)
DENY := $(shell command -v cargo-deny 2>/dev/null)
NEXTEST_PROFILE := $(if $(CI),--profile ci)

## Everyday

.PHONY: help
help: ## Print these commands
	@awk 'BEGIN { FS = ":.*## " } \
	    /^## / { printf "\n%s\n", substr($$0, 4) } \
	    /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(CLI) python node ## Build everything and run the demo: no key, no network
	$(CLI) demo

.PHONY: test
test: test-rust test-python test-node test-examples fuzz ## Run every test in every language, and fuzz a little
	@echo "all tests passed"

.PHONY: lint
lint: lint-rust lint-python lint-node ## Run every linter, type checker and drift check
	@echo "lint is clean"

.PHONY: bench
bench: $(CLI) python node ## Measure the engine's overhead; writes bench/results.json
	$(PY) bench/run.py

.PHONY: docs
docs: ## Write the generated references and the Rust API pages
	cargo xtask generate
	cargo doc $(PROFILE) --no-deps --workspace --exclude xtask --exclude cascade-testkit \
	    --exclude cascadeflow-python --exclude cascadeflow-node
	@echo "open target/doc/cascadeflow/index.html; pages for reading are in docs/"

.PHONY: clean
clean: ## Remove everything that was built or installed here
	rm -rf target fuzz/target $(VENV) typescript/node_modules $(CORE)/node_modules $(CORE)/dist bench/results.json
	find python typescript bindings \( -name '*.so' -o -name '*.node' \) -type f -delete

## Setting up

.PHONY: cli
cli: $(CLI) ## Build the command line: target/release/cascadeflow
$(CLI): $(RUST_SOURCES)
	cargo build $(PROFILE) -p cascade-cli
	@touch $(CLI)

.PHONY: python
python: $(VENV)/.built ## Make .venv and put the Python package into it

$(VENV)/.made:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or newer is needed; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.made python/requirements-dev.txt python/requirements-sdk.txt scripts/requirements.txt
	$(PY) -m pip install --quiet -r python/requirements-dev.txt -r python/requirements-sdk.txt -r scripts/requirements.txt
	@touch $@

$(VENV)/.built: $(VENV)/.installed $(RUST_SOURCES) python/pyproject.toml
	cd python && VIRTUAL_ENV=$(CURDIR)/$(VENV) ../$(VENV)/bin/maturin develop $(PROFILE) --quiet
	@touch $@

.PHONY: node
node: $(CORE)/dist/.built ## Install the Node packages and build typescript/packages/core/dist

# Not `npm ci`: it wants every platform's build of the linter, which not every registry has.
$(CORE)/node_modules/.installed: $(CORE)/package.json $(wildcard $(CORE)/package-lock.json)
	cd $(CORE) && npm install --no-save --no-audit --no-fund --loglevel=error
	@touch $@

$(CORE)/dist/.built: $(CORE)/node_modules/.installed $(RUST_SOURCES) $(NODE_SOURCES)
	cd $(CORE) && npm run --silent build
	@touch $@

## One language at a time

.PHONY: test-rust
test-rust: $(VENV)/.made ## Rust tests and the examples in the documentation
ifneq ($(NEXTEST),)
	cargo nextest run $(PROFILE) --workspace $(NEXTEST_PROFILE)
else
	cargo test $(PROFILE) --workspace --lib --bins --tests
endif
	cargo test $(PROFILE) --doc --workspace

.PHONY: test-python
test-python: python ## Python tests
	cd python && ../$(PY) -m pytest -q

.PHONY: test-node
test-node: node $(VENV)/.installed ## TypeScript tests
	cd $(CORE) && CASCADEFLOW_TEST_PYTHON=$(CURDIR)/$(PY) npm test --silent

.PHONY: test-examples
test-examples: $(CLI) python node ## Every example and snippet, the sums in shared-tests/, the price files
	$(PY) scripts/check_shared_tests.py
	$(PY) scripts/sync_pricing.py --validate --max-age-days 180
	$(PY) -m pytest -q scripts/tests
	$(PY) scripts/run_examples.py

# Seconds for each target.
FUZZ_SECONDS ?= 10

.PHONY: fuzz
fuzz: $(VENV)/.made ## Fuzz the parsers and codecs, each for FUZZ_SECONDS (default 10)
	$(PY) scripts/fuzz.py --seconds $(FUZZ_SECONDS)

.PHONY: lint-rust
lint-rust: $(VENV)/.made ## rustfmt, clippy, layers, generated files, dependencies
	cargo fmt --all --check
	cargo clippy $(PROFILE) --workspace --all-targets -- -D warnings
	cargo xtask check-layers
	cargo xtask generate --check
ifneq ($(DENY),)
	cargo deny check --hide-inclusion-graph bans licenses sources
else
	@echo "cargo-deny is not installed; deny.toml was not checked"
endif

.PHONY: lint-python
lint-python: python ## ruff, mypy --strict, pyright
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	cd python && ../$(PY) -m mypy
	$(PY) -m mypy --strict --exclude fit_acceptance scripts bench
	cd python && ../$(PY) -m pyright

.PHONY: lint-node
lint-node: node ## The linter and tsc --strict
	cd $(CORE) && npm run --silent lint
