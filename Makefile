# Bifrost: everything that a person does here. `make demo` and `make test` set up what they need.
SHELL := /bin/bash
BIN := .venv/bin
READY := .setup/ready
export PYTHONPATH :=
export HF_HUB_OFFLINE := 1
export DGLBACKEND := pytorch

.PHONY: demo serve airflow servers test test-live test-web test-slow check bench bench-crawl bench-extract bench-resolution bench-review bench-airflow web setup clean

demo: $(READY)            ## build the example graph in demo/ and measure it against the planted truth
	$(BIN)/bifrost demo --dir demo

serve: $(READY)           ## open the example graph in the browser (make demo first)
	$(BIN)/bifrost --dir demo serve --open

airflow: $(READY)         ## start Airflow on loopback with the sources of BIFROST_HOME (demo/); Ctrl+C stops it
	$(BIN)/python deploy/airflow/start.py

servers: $(READY)         ## databases that tests start for themselves; without them their tests are skipped by name
	deploy/system-packages.sh postgresql mariadb-server

test test-live test-web test-slow: export OMP_NUM_THREADS := 1  # two processes on two cores: more threads only wait

test: servers             ## all tests that fit in ten minutes
	$(BIN)/python -m pytest -m "not slow and not web" -n 2 --dist loadscope

test-live: servers        ## tests against real servers only
	$(BIN)/python -m pytest -m live

test-web: $(READY)        ## browser tests; needs chromium
	deploy/system-packages.sh chromium
	$(BIN)/python -m pytest -m web

test-slow: servers        ## tests that take minutes
	$(BIN)/python -m pytest -m slow

check: $(READY)           ## style, types, import contracts, also of the web pages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	if command -v npm >/dev/null; then cd web && npm run --silent check && npm test --silent; fi

bench: $(READY)           ## measure against the raw engines
	$(BIN)/python -m benchmarks

bench-crawl: servers      ## crawl and sync a PostgreSQL table beside raw ADBC to Parquet; memory at 10 million rows
	$(BIN)/python -m benchmarks crawl

bench-extract: $(READY)   ## read text PDFs beside raw PDFium and scans beside raw Tesseract; memory at 2,000 pages
	$(BIN)/python -m benchmarks extract

bench-resolution: $(READY) ## find the copies among 10,000 to a million made-up people; growth of time and memory
	$(BIN)/python -m benchmarks resolution

bench-review: $(READY)    ## the next question after an answer, with up to 10,000 decisions in the log; fails at 1 s
	$(BIN)/python -m benchmarks review

bench-airflow: $(READY)   ## parse the DAGs of 200 sources; fails at 2 s
	$(BIN)/python -m benchmarks airflow

web: $(READY)             ## build the web pages again
	deploy/web-pages.sh

setup: $(READY)

$(READY): pyproject.toml constraints.txt deploy/set-up.sh
	deploy/set-up.sh

clean:
	rm -rf .venv .setup demo api/web web/node_modules
