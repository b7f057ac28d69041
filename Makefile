# OrderSight: every door of the repository. `make` alone lists them.
#
#   OMS_SHARED   folder with the public data sets that some tests read (default ../shared)
#   OMS_HOME     where a run writes (default ./var)
#   PORT         where the screens answer (default 8501)
#   PYTHON       interpreter that makes the environment (default: the first of 3.11, 3.12, 3.13 that works)

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

export OMS_SHARED ?= $(abspath $(CURDIR)/../shared)
export OMS_HOME ?= $(CURDIR)/var
PORT ?= 8501
export PATH := $(CURDIR)/.venv/bin:$(PATH)

READY := .venv/.ready
PYTEST := python -m pytest

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(READY) browser ## prepare .venv, and Chromium with CJK fonts where apt may install them

$(READY): pyproject.toml constraints.txt
	.ci/make-venv
	touch $@

.PHONY: browser
browser:
	@.ci/install-browser

.PHONY: run
run: setup ## the sample company on screen (or what OMS_HOME holds already)
	@if [ -n "$$(ls -A "$$OMS_HOME" 2>/dev/null)" ]; then exec oms serve --port $(PORT); else exec oms demo --port $(PORT); fi

.PHONY: test
test: setup ## all tests at reduced size, on every core
	$(PYTEST) -n auto --dist loadgroup

.PHONY: check
check: $(READY) ## ruff, mypy --strict, import contracts, sqlfluff
	@.ci/check

.PHONY: format
format: $(READY) ## let ruff and sqlfluff put the text in order
	ruff check --fix
	ruff format
	sqlfluff fix --disable-progress-bar dbt_project/models dbt_project/tests

.PHONY: bench
bench: setup ## measure against baselines of the same run; prints, judges no time
	$(PYTEST) -m bench -s tests/bench

.PHONY: accept
accept: setup ## an issue at full size: make accept NAME=first-run
	@.ci/accept "$(NAME)"

.PHONY: soak
soak: setup ## faults for minutes on end
	$(PYTEST) -m soak -s

.PHONY: glossary
glossary: $(READY) ## write docs/glossary.md from the texts of the models
	python -m pipelines.checks.glossary docs/glossary.md

.PHONY: guides
guides: $(READY) ## write the guides of orders, stock and returns from their stories
	python -m tests.scenarios.guide

.PHONY: constraints
constraints: ## resolve the pins anew (needs uv); no address is written
	uv pip compile pyproject.toml --all-extras --universal --no-emit-index-url --no-annotate --no-header -o constraints.txt

.PHONY: clean
clean: ## remove what tools wrote; never a home, never .venv
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dbt_project/target dbt_project/logs
