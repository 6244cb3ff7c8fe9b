# One command for each thing a person wants; `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
SOURCES := simulator seed_data loadtest tests

BOOKING_MODE ?= safe
DEMO_DATABASE ?= demo.db
DEMO_REPORT ?= reports/demo
FUZZ ?= 20000
BENCH ?= reports/bench.json
ATTEMPTS ?= 1000000
TORTURE ?= 50
TORTURE_DATABASE ?= torture.db
TORTURE_REPORT ?= reports/torture
ACCURACY ?= reports/accuracy.json

# Starts a program in a session of its own: Ctrl-C ends the load, which still reads back from the server.
APART := $(BIN)/python -c 'import os, sys; os.setsid(); os.execv(sys.argv[1], sys.argv[1:])'

.PHONY: help demo run test check fuzz bench races contended torture accuracy format docs clean

help: ## Show what there is to make
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  \1\t/' | expand -t 14

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or later is needed, and $(PYTHON) is %d.%d: make PYTHON=python3.11 ..." % sys.version_info[:2])'
	@echo "Installing into .venv (once, about a minute)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(INSTALLED) ## The main job: seed, serve, hammer, judge (BOOKING_MODE=unsafe shows the judge failing)
	@set -eu; \
	port=$$($(BIN)/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'); \
	rm -rf $(DEMO_REPORT); \
	$(BIN)/gpsim seed --database $(DEMO_DATABASE) --force; \
	$(APART) $(BIN)/gpsim serve --database $(DEMO_DATABASE) --port $$port --booking-mode $(BOOKING_MODE) --log-level warning & \
	server=$$!; trap 'kill $$server 2>/dev/null; wait $$server 2>/dev/null || true' EXIT; \
	for try in $$(seq 100); do \
	  $(BIN)/python -c 'import sys, urllib.request as u; u.urlopen(f"http://127.0.0.1:{sys.argv[1]}/control/health", timeout=2)' $$port 2>/dev/null && break; \
	  kill -0 $$server; sleep 0.2; \
	  test $$try -lt 100 || { echo "the server did not come up"; exit 1; }; \
	done; \
	code=0; $(BIN)/gpload run demo --target http://127.0.0.1:$$port --report $(DEMO_REPORT) || code=$$?; \
	echo "gpload ended with exit code $$code"; exit $$code

run: $(INSTALLED) ## Seed if needed, and serve on http://127.0.0.1:8000
	@exec $(BIN)/gpsim serve

# Three at once on two cores: half of what the tests take is waiting for the programs that they start.
test: $(INSTALLED) ## Pass the whole test suite
	@$(BIN)/pytest -q -n 3 --dist worksteal --cov --cov-report=term

check: $(INSTALLED) ## The whole gate: format, lint, types, documents, tests
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/mypy
	@$(BIN)/cog --check -P README.md docs/interface.md docs/performance.md docs/load-lab.md
	@$(MAKE) --no-print-directory test

format: $(INSTALLED) ## Put the code into the house's format
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)

docs: $(INSTALLED) ## Write the tables of README and docs from the code
	@$(BIN)/cog -r -P README.md docs/interface.md docs/performance.md docs/load-lab.md

fuzz: $(INSTALLED) ## Send many spoiled requests (FUZZ=20000) and look for anything but a refusal
	@$(BIN)/pytest -q tests/fuzz --fuzz-requests $(FUZZ)

bench: $(INSTALLED) ## Measure beside a floor and a whole country, and compare with the run in docs/bench.json
	@$(BIN)/python -m tests.bench --out $(BENCH) --against docs/bench.json $(if $(ENGLAND),--england $(ENGLAND))

races: $(INSTALLED) ## A hundred clients on one slot, 200 rounds, two workers; and a kill in the middle of booking
	@$(BIN)/pytest -q tests/races --race-clients 100 --race-rounds 200

contended: $(INSTALLED) ## A million bookings of a few slots (ATTEMPTS=1000000): some ten minutes
	@$(BIN)/python -m tests.races.contended --attempts $(ATTEMPTS)

torture: $(INSTALLED) ## Kill and restart the server under load, behind a bad network, and judge it (TORTURE=50)
	@rm -rf $(TORTURE_REPORT)
	@$(BIN)/gpsim seed --database $(TORTURE_DATABASE) --force
	@$(BIN)/gpload torture --serve "$(BIN)/gpsim serve --database $(TORTURE_DATABASE) --workers 2 --port {port} --log-level warning" \
	  --kills $(TORTURE) --report $(TORTURE_REPORT)

accuracy: $(INSTALLED) ## Measure known delays, with gpload and with plain Locust beside it: two minutes
	@$(BIN)/python -m tests.accuracy --out $(ACCURACY)

clean: ## Remove what was installed and made
	@rm -rf .venv build dist *.egg-info reports demo.db* torture.db* .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis
