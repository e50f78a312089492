# All targets need python3 and make only.
PYTHON ?= python3
BIN := .venv/bin
# Side by side, each in one thread. PYTEST_XDIST_AUTO_NUM_WORKERS=n sets how many.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

.PHONY: all check test soak lint docs clean

all: .venv/installed
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m spacy project run all .
	$(BIN)/python -m spacy bilstm-crf try training/sample/model-best \
		"Anna Halberg of Norsk Airways flew from Jordan to Washington on Friday."

check: .venv/installed lint
	$(PYTEST) -m "not slow"

test: .venv/installed lint
	$(PYTEST)

# Random work for minutes: SOAK="--minutes 60 --seed 1" for more, or for others.
SOAK ?= --minutes 20 --seed 0
soak: .venv/installed
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.soak $(SOAK)

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The site, in site/: a link that leads nowhere is an error (which --quiet would hide). Signatures
# are laid out by ruff.
docs: .venv/docs
	$(BIN)/python -m docs.tools.generate --check
	PATH="$(CURDIR)/$(BIN):$$PATH" NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "Written to site/index.html"

clean:
	rm -rf .venv site corpus training predictions metrics reports packages vectors runs sweeps assets/sample assets/sample_brat assets/sample_sentiment project.lock

# Built aside and marked when done, so that an interrupted install starts anew. The pip that comes
# with Python 3.10 can't build some of what is installed.
.venv/installed: setup.cfg pyproject.toml constraints.txt
	rm -rf .venv
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[test]"
	touch $@

.venv/docs: .venv/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[docs]"
	touch $@
