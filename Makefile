# Two commands do everything on a fresh clone: `make acceptance` and `make test`. Only Python is
# needed; Go, Node, Java and a browser are used where present.
PYTHON ?= python3
PROFILE ?= embedded
BIN := .venv/bin
COVERAGE_AT_LEAST ?= 0
# Tests wait for child processes most of the time, so one worker for each core.
WORKERS ?= auto

.PHONY: help setup sdks acceptance test check soak mutation benchmarks clean

help:  ## show what can be made
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

setup:  ## create .venv from requirements.lock (nothing to do when it is up to date)
	@$(PYTHON) tools/setup/bootstrap.py

sdks: setup  ## build the bundled SDK shims that this machine can build
	@$(BIN)/acceptance sdk install

acceptance: sdks  ## run the specs (PROFILE=embedded) and render the report
	@status=0; $(BIN)/behave --define profile=$(PROFILE) || status=$$?; \
	$(BIN)/acceptance report || true; exit $$status

test: sdks  ## run the tests of support/ and tools/, with branch coverage
	@mkdir -p build/coverage && rm -f build/coverage/data*
	@$(BIN)/coverage run -m pytest -n $(WORKERS) --dist loadfile
	@# Tests kill processes on purpose: their half-written data is named in the log, nothing else.
	@$(BIN)/coverage combine --quiet > build/coverage/combine.log 2>&1 || true
	@status=0; $(BIN)/coverage report --fail-under=$(COVERAGE_AT_LEAST) \
	  > build/coverage/report.txt || status=$$?; tail -n 40 build/coverage/report.txt; exit $$status

check: setup  ## linters, types, layers, and generated documents
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tools.steps_catalogue --check
	@$(BIN)/acceptance lint docs --check
	@$(BIN)/acceptance requirements --check
	@$(BIN)/acceptance lint tags

soak: sdks  ## what is too long for every change: full-size tests, seeded
	@$(BIN)/pytest -m soak --timeout=3600

mutation: setup  ## mutate decisions, KAS and tokens of the embedded platform (docs/mutation.md)
	@nice $(BIN)/python tools/setup/mutation.py

benchmarks: sdks  ## measure, as ratios; the tables are kept in benchmarks/README.md
	@$(BIN)/python benchmarks/rewrap.py --count 2000
	@$(BIN)/python benchmarks/framework_share.py
	@$(BIN)/python benchmarks/lint.py
	@$(BIN)/python benchmarks/redaction.py
	@$(BIN)/python benchmarks/discovery.py
	@$(BIN)/python benchmarks/pairwise.py
	@$(BIN)/python benchmarks/stacks.py embedded keycloak

clean:  ## remove everything that was generated
	rm -rf .venv build artifacts *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis \
	  .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
