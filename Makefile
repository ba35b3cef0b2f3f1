# What to type. Everything lives in .venv; nothing outside of it is touched, except that `make test` installs
# MariaDB's and Chromium's packages with apt where it may (see tests/setup.sh).

PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$python" && break; done)

# Many tests wait for processes, for Slack's pace or for a lease to end: four at a time keep two cores busy.
JOBS    ?= 4
VENV    := .venv
PY      := $(VENV)/bin/python
PIP     := $(PY) -m pip install --quiet --disable-pip-version-check
HASHED  := --require-hashes -r requirements/build.txt
# Two targets in two terminals share one .venv: the second waits for the first. Where flock is missing, don't.
LOCKED  := $(shell command -v flock >/dev/null 2>&1 && echo flock $(VENV)/lock)
COMPILE := $(PY) -m uv --quiet pip compile --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url

.DEFAULT_GOAL := help
.PHONY: help demo test thorough lint bench marathon mutations messages dashboards manifests sbom smoke lock

help: ## Show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

demo: $(VENV)/run.stamp ## Run it all with SQLite, a sandbox Slack and sample alerts
	$(VENV)/bin/bongsu demo

test: $(VENV)/dev.stamp ## Run every test, on SQLite and on a real MariaDB (ARGS="-k reopen" for some, JOBS=0 in one process)
	@tests/setup.sh services
	$(PY) -m pytest --numprocesses $(JOBS) --dist worksteal $(ARGS)

thorough: $(VENV)/dev.stamp ## Try what could be tried for ever at greater length: any history, any batch, every minute
	@tests/setup.sh services
	BONGSU_TEST_EFFORT=5 $(PY) -m pytest --numprocesses $(JOBS) --dist worksteal --timeout 1800 \
		$$(grep -rlE 'tests.effort' --include='test_*.py' tests) $(ARGS)

lint: $(VENV)/dev.stamp ## Check style, types, who imports whom, and the manifests
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PY) -m tests.manifests

bench: $(VENV)/dev.stamp ## Measure, each figure beside a baseline from the same run
	@tests/setup.sh services
	$(PY) -m benchmarks $(ARGS)

marathon: $(VENV)/dev.stamp ## Kill it again and again, and count what is lost or doubled
	@tests/setup.sh services
	$(PY) -m benchmarks.marathon $(ARGS)

mutations: $(VENV)/dev.stamp ## Take each guard against loss and doubling out, and see a test fail
	@tests/setup.sh services
	$(PY) -m tests.mutations $(ARGS)

messages: $(VENV)/dev.stamp ## Gather what is said in the code into bot/locale, and compile the translations
	$(PY) -m tests.catalogues

dashboards: $(VENV)/dev.stamp ## Build the JSON of Grafana's dashboards and their alert rules anew
	$(PY) -m dashboards.build
	@tests/setup.sh promtool $(VENV)/prometheus
	$(PY) -m tests.alert_rules

manifests: $(VENV)/dev.stamp ## Render the manifests for Kubernetes anew (needs kustomize or kubectl)
	$(PY) -m tests.manifests --write

sbom: $(VENV)/dev.stamp ## Say what Bongsu is made of, as CycloneDX, in build/bongsu.cdx.json (the image has one of its own)
	@mkdir -p build
	$(PY) -W ignore::UserWarning -m cyclonedx_py requirements requirements/run.txt --pyproject pyproject.toml --output-reproducible \
		--output-file build/bongsu.cdx.json

smoke: $(VENV)/dev.stamp ## Try the steps of the Dockerfile without Docker, and what they make (ARGS="--build-arg OTEL=1")
	$(PY) -m tests.image $(ARGS)

# dev.txt is compiled under run.txt's pins, and charts.txt, otel.txt and sbom.txt under dev.txt's, so that what is tested is
# what is run.
lock: $(VENV)/dev.stamp ## Pin the requirements anew, with hashes
	echo 'setuptools>=80' | $(COMPILE) --upgrade - -o requirements/build.txt
	$(COMPILE) --upgrade pyproject.toml -o requirements/run.txt
	$(COMPILE) --upgrade pyproject.toml --extra dev -c requirements/run.txt -o requirements/dev.txt
	echo 'matplotlib>=3.10' | $(COMPILE) --upgrade - -c requirements/dev.txt -o requirements/charts.txt
	printf 'opentelemetry-exporter-otlp-proto-http>=1.45\nopentelemetry-sdk>=1.45\n' | \
		$(COMPILE) --upgrade - -c requirements/dev.txt -o requirements/otel.txt
	echo 'cyclonedx-bom>=7.5' | $(COMPILE) --upgrade - -c requirements/dev.txt -o requirements/sbom.txt

# A stamp is older than what it was made from: install again. The tests' requirements contain the demo's.
$(VENV)/run.stamp: pyproject.toml requirements/build.txt requirements/run.txt
	@tests/setup.sh venv '$(PYTHON)' $(VENV)
	$(LOCKED) $(PIP) $(HASHED) -r requirements/run.txt
	$(LOCKED) $(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: pyproject.toml requirements/build.txt requirements/run.txt requirements/dev.txt
	@tests/setup.sh venv '$(PYTHON)' $(VENV)
	$(LOCKED) $(PIP) $(HASHED) -r requirements/dev.txt
	$(LOCKED) $(PIP) --no-deps --no-build-isolation -e .
	@touch $(VENV)/run.stamp $@
