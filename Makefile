# The two commands are `make run` and `make test`; everything they need is made on the way.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
BIN := $(VENV)/bin
RUN := $(VENV)/.run.ok
DEV := $(VENV)/.dev.ok
MO := civic/translations/en/LC_MESSAGES/messages.mo
DEMO := CIVIC_DEMO=1 CIVIC_PORT=$(PORT) $(BIN)/python -m civic
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --only-binary :all:

.PHONY: run install test test-long bench bench-large lint lock messages assets clean

run: $(RUN) assets $(MO)
	@$(DEMO) serve --probe
	@$(DEMO) migrate
	@$(DEMO) demo --keep
	@exec env $(DEMO) serve

install: $(RUN) assets $(MO)

test: $(DEV) assets $(MO)
	@$(BIN)/python tools/test.py

test-long: $(DEV) assets $(MO)
	@$(BIN)/python tools/test.py --long

bench: $(DEV) assets $(MO)
	@$(BIN)/python -m tools.bench

bench-large: $(DEV) assets $(MO)
	@$(BIN)/python -m tools.bench --large

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/mypy

assets: $(RUN)
	@$(BIN)/python tools/assets.py

$(BIN)/python:
	@echo "Preparo l'ambiente Python in $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit("civic needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV)

$(RUN): requirements.txt | $(BIN)/python
	@echo "Installo le librerie"
	@$(PIP) -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt $(RUN)
	@echo "Installo gli strumenti di prova"
	@$(PIP) -r requirements-dev.txt
	@touch $@

$(MO): civic/translations/en/LC_MESSAGES/messages.po $(RUN)
	@$(BIN)/pybabel -q compile -d civic/translations

# For maintainers: collect the sentences to translate, and lock the libraries anew (needs uv).
messages: $(DEV)
	$(BIN)/pybabel -q extract -F babel.cfg --omit-header -k N_ -k lazy_gettext -k _ --no-location --sort-output -o var/messages.pot .
	$(BIN)/pybabel -q update -i var/messages.pot -d civic/translations -l en --omit-header --no-fuzzy-matching

lock:
	uv lock
	uv export --frozen --no-dev --no-emit-project --no-header -q -o requirements.txt
	uv export --frozen --only-dev --no-emit-project --no-header -q -o requirements-dev.txt

clean:
	rm -rf $(VENV) var static/vendor
