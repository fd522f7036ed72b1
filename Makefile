# make run    start the emulator (options: make run ARGS="-api_port=11112 -lang=en")
# make test   all checks and tests; its parts are make lint, make unit, make conformance (official SDKs)
# make matrix every client there is, old releases and other people's; writes docs/clients.md
# make bench  what is measured in docs/performance.md
# Both create .venv and install what is missing; they reinstall when pyproject.toml changes.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RUNTIME := $(VENV)/.installed
DEVELOPMENT := $(VENV)/.installed-dev

.PHONY: run test lint format unit conformance matrix bench clean
.DEFAULT_GOAL := test

run: $(RUNTIME)
	@$(BIN)/python -m gateway -cfg_file config/FutuOpenD.xml $(ARGS)

# The JavaScript SDK needs Node and Chromium; without them its tests are left out, and that is said.
WEB_TOOLS := $(shell command -v node >/dev/null && command -v npm >/dev/null && command -v chromium >/dev/null && echo found)
CONFORMANCE := conformance and not matrix$(if $(WEB_TOOLS),, and not web)

test: lint unit conformance

lint: $(DEVELOPMENT)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

unit: $(DEVELOPMENT)
	$(BIN)/python -m pytest -m "not conformance" -n 2 $(ARGS)

conformance: $(DEVELOPMENT)
	@$(if $(WEB_TOOLS),,echo "node, npm or chromium is missing: the JavaScript SDK is not tested")
	@$(BIN)/python -m tests.conformance.environments
	$(BIN)/python -m pytest -m "$(CONFORMANCE)" tests/conformance $(ARGS)

MATRIX_REPORT := .venvs/matrix.xml

matrix: $(DEVELOPMENT)
	$(BIN)/python -m pytest tests/conformance/matrix -p no:randomly \
	  -o junit_family=xunit1 --junitxml=$(MATRIX_REPORT) $(ARGS); \
	  status=$$?; $(BIN)/python -m tools.client_matrix $(MATRIX_REPORT) && exit $$status

bench: $(RUNTIME)
	@$(BIN)/python -m benchmarks $(ARGS)

format: $(DEVELOPMENT)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@tools/create_venv.sh $(VENV)

$(RUNTIME): pyproject.toml | $(BIN)/python
	$(PIP) install -qq --editable .
	@touch $@

$(DEVELOPMENT): pyproject.toml | $(BIN)/python
	$(PIP) install -qq --editable . --group dev
	@touch $@ $(RUNTIME)
