# Everything here runs in a virtual environment that this file makes by itself: `make test` needs Python 3.11 or later,
# git, make, and Chromium or Chrome, which it installs where it may. Another Python: make test PYTHON=python3.13
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV ?= .venv
BIN := $(VENV)/bin
WORKERS ?= 3
MINUTES ?= 5
N ?= 500
CONVERSATIONS ?= 100
SEED ?= 1
SUITABLE := import sys; sys.exit(sys.version_info < (3, 11))
VERSION := import sys; print("%d.%d" % sys.version_info[:2])
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	if $$name -c '$(SUITABLE)' 2>/dev/null; then echo $$name; break; fi; done)
PYTHON_VERSION := $(shell $(PYTHON) -c '$(VERSION)' 2>/dev/null)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Many container images set it; without compiled files each test process takes seconds longer to start.
unexport PYTHONDONTWRITEBYTECODE

# $(call install,what): by uv, which takes seconds; by pip where uv cannot be had.
install = if [ -x $(BIN)/uv ] || $(BIN)/python -m pip install -q uv 2>/dev/null; then \
	$(BIN)/uv pip install -q --python $(BIN)/python $(1); \
	elif command -v uv >/dev/null; then uv pip install -q --python $(BIN)/python $(1); \
	else $(BIN)/python -m pip install -q $(1); fi

.PHONY: help test check lint types imports migrations test-postgres test-sqlite test-all format coverage docs demo \
	jinja-tests bench fuzz supply chaos attacks outages hosts first-minute test-long screenshots browser install clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# Where every line and branch must be tested, the tests that see to it are measured: it takes them twice the time. So
# files that try many cases of what others reach too are not among them.
RANDOM = _properties\.py|no_value_makes|broken_templates|test_grammar|markup_is|pieces_of|structure_is
MANY = test_splitting|(kik|messenger|telegram|toy)/test_contract
MEASURED := $(shell find tests/engine tests/providers -name 'test_*.py' | grep -vE '$(RANDOM)|$(MANY)' | sort) \
	tests/api/test_template_warnings.py tests/pipeline/test_content_refused.py tests/pipeline/test_content_refused_elsewhere.py \
	tests/pipeline/test_failed_turn.py tests/pipeline/test_topics.py tests/api/test_hook_topics.py \
	tests/api/test_certain_failures.py tests/api/test_plain_refusals.py

# What takes longest and has a target of its own, so that `make test` takes less than a quarter of an hour.
LONG = tests/browser/test_chat_frame.py tests/browser/test_chat_hostile.py tests/browser/test_chat_staff.py \
	tests/browser/test_chat_without.py tests/browser/test_without_script.py tests/browser/test_two_authors.py \
	tests/hosts/test_first_minute.py tests/chaos/test_bugs.py tests/api/fuzz/test_api.py tests/process/test_slow_api.py \
	tests/process/test_outages.py tests/browser/test_talking.py tests/browser/test_building.py tests/browser/test_why.py

test: install ## all checks and tests but the longest, engine and providers covered whole: what must pass before a change is done
	@$(MAKE) --no-print-directory -j 3 check browser
	@$(BIN)/coverage erase
	$(STRICT) $(BIN)/coverage run runtests.py $(ABREAST) $(MEASURED)
	$(STRICT) $(RUN) $(ABREAST) $(MEASURED:%=--ignore=%) $(LONG:%=--ignore=%)
	@$(MAKE) --no-print-directory test-sqlite ABREAST="$(ABREAST) --ignore=tests/api --ignore=tests/operations"
	@$(BIN)/coverage combine -q
	$(BIN)/coverage report --include='permabots/engine/*,permabots/providers/*' --fail-under=100

RUN = $(BIN)/python runtests.py
# Development mode shows every warning; its checking memory allocator finds faults of C code only, and is slow.
STRICT = PYTHONDEVMODE=1 PYTHONMALLOC=pymalloc
ABREAST = -q -n $(WORKERS) --dist worksteal

test-long: install browser ## what `make test` leaves out: the web chat on other sites, pages without JavaScript, planted bugs …
	$(STRICT) $(RUN) $(ABREAST) $(LONG)

test-postgres: install browser ## the tests on PostgreSQL and Redis, which they start themselves
	$(STRICT) $(RUN) $(ABREAST)

test-sqlite: install ## the tests that also run on SQLite, with the settings of a host project that sets nothing
	$(STRICT) $(RUN) $(ABREAST) --sqlite -m sqlite

test-all: $(VENV)/.installed-dev browser ## the tests on every supported Python and Django, by tox
	$(BIN)/tox run

check: lint types imports migrations docs supply ## all that is checked without running a test

lint: install ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install ## annotations
	$(BIN)/mypy

imports: install ## who may import whom
	$(BIN)/lint-imports --no-logo

migrations: install ## the migrations say what the models say
	$(BIN)/python -m django makemigrations permabots --check --dry-run --settings=tests.settings_sqlite

supply: install ## known vulnerabilities, where an index answers, and licences of what permabots brings along
	$(BIN)/python -m tests.project.supply

docs: install ## the documentation, into docs/_build/html
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html

format: install ## put the style right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

coverage: install browser ## where tests are missing in all of it: all tests, measured, and htmlcov/index.html
	@$(BIN)/coverage erase
	@$(MAKE) --no-print-directory test-postgres RUN="$(BIN)/coverage run runtests.py"
	@$(BIN)/coverage combine -q
	@$(BIN)/coverage html -q
	$(BIN)/coverage report

demo: $(VENV)/.installed-demo ## a project to try by hand; SERVE=1 leaves it running and keeps your bots, FRESH=1 deletes them
	$(BIN)/python -m demo

bench: install ## how fast permabots is, beside yardsticks; BENCH="endtoend --rounds 3" for a part, BENCH="--help" for all
	$(BIN)/python -m benchmarks $(BENCH)

fuzz: install ## MINUTES of inputs that nobody thought of, and of calls made up from the API's schema; FUZZ="--help" for more
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES) $(FUZZ)

jinja-tests: install ## Jinja's own tests, fetched with pip, against the templates of permabots
	$(BIN)/python -m tests.jinja

chaos: install ## N messages in CONVERSATIONS while everything is killed, by the script of SEED; CHAOS="--help" for more
	$(BIN)/python -m tests.chaos -n $(N) -m $(CONVERSATIONS) -s $(SEED) $(CHAOS)

attacks: install ## hostile templates against web server and workers: time, memory, outcome; ATTACKS="--help" for more
	$(BIN)/python -m tests.attacks $(ATTACKS)

outages: install ## what becomes of messages while Redis, PostgreSQL or a chat is away; OUTAGES="--help" for more
	$(BIN)/python -m benchmarks.outages $(OUTAGES)

hosts: $(VENV)/.installed-hosts ## a bot lives in each of many host projects; HOSTS="word" for those whose names have it
	@$(BIN)/python -m tests.hosts $(HOSTS)

first-minute: install ## the README's first section in an empty folder, and how many seconds it takes; it needs a package index
	@$(BIN)/python -m tests.hosts.first_minute

screenshots: install browser ## the pictures of the documentation, into docs/images
	$(BIN)/python runtests.py -q tests/browser/screenshots.py

clean: ## remove what was built; the virtual environment stays
	rm -rf build dist docs/_build htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	rm -rf .hypothesis .tox *.egg-info

install: $(VENV)/.installed-test

# Chromium and nginx come with the system, not with pip: as root on Debian and its like they are installed here, with
# letters and emoji to show. Where they are not, the tests that need them say so, and fail.
browser:
	@if ! PATH="$$PATH:/usr/sbin" command -v nginx >/dev/null && command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		echo "Installing nginx"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
		nginx-light >$(VENV)/nginx.log 2>&1 \
		|| { tail -n 5 $(VENV)/nginx.log; echo "nginx could not be installed: its test will fail"; }; fi
	@for name in "$$PERMABOTS_TEST_BROWSER" chromium chromium-browser google-chrome google-chrome-stable; do \
		if [ -n "$$name" ] && command -v "$$name" >/dev/null; then exit 0; fi; done; \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		echo "Installing Chromium"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
		chromium fonts-dejavu-core fonts-liberation fonts-noto-color-emoji >$(VENV)/browser.log 2>&1 \
		|| { tail -n 5 $(VENV)/browser.log; echo "Chromium could not be installed: its tests will fail"; }; fi

$(VENV)/.installed-test: requirements/base.txt requirements/test.txt requirements/oracle.txt pyproject.toml | $(VENV)/.python-$(PYTHON_VERSION)
	@echo "Installing requirements/test.txt"
	@$(call install,-e '.[demo]' -r requirements/test.txt)
	@$(call install,--no-deps -r requirements/oracle.txt)
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed-test requirements/dev.txt
	@$(call install,-r requirements/dev.txt)
	@touch $@

$(VENV)/.installed-hosts: $(VENV)/.installed-test requirements/hosts.txt
	@echo "Installing requirements/hosts.txt"
	@$(call install,-r requirements/hosts.txt)
	@touch $@

$(VENV)/.installed-demo: requirements/base.txt pyproject.toml | $(VENV)/.python-$(PYTHON_VERSION)
	@echo "Installing permabots with what the demo needs"
	@$(call install,-e '.[demo]')
	@touch $@

# An environment of another Python version is replaced.
$(VENV)/.python-$(PYTHON_VERSION):
	@$(PYTHON) -c '$(SUITABLE)' || { echo "permabots needs Python 3.11 or later: make ... PYTHON=python3.12"; exit 1; }
	@[ "$$($(BIN)/python -c '$(VERSION)' 2>/dev/null)" = "$(PYTHON_VERSION)" ] || $(PYTHON) -m venv --clear $(VENV)
	@touch $@
