# Two commands are enough: `make run` and `make test`.
.DEFAULT_GOAL := run
PY := .venv/bin/python
# Compiled modules are kept: a hotline starts ten processes, and each would compile some thousand modules anew.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: run talk test check bench-line bench-kb bench-emergency bench-matters bench-places bench-cases clean

run: ## start everything in the foreground, then ring it once
	@sh docker/setup.sh run
	@exec $(PY) docker/up.py

talk: ## the same dialogue in this terminal
	@sh docker/setup.sh run
	@$(PY) docker/up.py --prepare
	@exec $(PY) -m ivr talk

test: ## the whole suite, against real servers it starts itself
	@sh docker/setup.sh test
	@exec $(PY) -m pytest -q -n 3 $(TESTS)

check: ## style, types, and the arrows between the rooms
	@sh docker/setup.sh test
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

bench-line: ## turn latency, barge-in, 110, streams per core: long, prints its method, writes JSON
	@sh docker/setup.sh test
	@exec $(PY) -m tests.bench.line

bench-kb: ## the lookup beside plain methods, and at 100 000 articles
	@sh docker/setup.sh test
	@exec $(PY) -m tests.bench.kb

bench-emergency: ## how danger is told from what sounds like it, on sentences nothing has seen
	@sh docker/setup.sh bench
	@exec $(PY) -m tests.bench.emergency

bench-matters: ## which matter do words belong to, on sentences nothing has seen (some minutes)
	@sh docker/setup.sh bench
	@exec $(PY) -m tests.bench.matters

bench-places: ## which place does a caller name, as said and as misheard
	@sh docker/setup.sh test
	@exec $(PY) -m tests.bench.places

bench-cases: ## lists, search, case pages, reports and case changes over the full archive: long, fills both databases
	@sh docker/setup.sh test
	@exec $(PY) -m tests.bench.cases

clean: ## forget the environment and the state of this checkout
	rm -rf .venv run .mypy_cache .ruff_cache .pytest_cache
