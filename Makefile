# make run: sets everything up and serves the product.   make test: sets everything up and runs all tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check eval bench clean

run: $(VENV)/installed
	$(BIN)/yibentong serve

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy

eval: $(VENV)/installed-dev
	$(BIN)/yibentong eval all

bench: $(VENV)/installed-dev
	$(BIN)/yibentong bench answers

# Plain pip; pip is brought up to date first because old ones stumble over extras in brackets of dependencies.
$(VENV)/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else "Python 3.11 or newer is needed, this is %d.%d. For example: make run PYTHON=python3.12" % v[:2])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --editable '.[dev,postgres,ocr]'
	@touch $@

clean:
	rm -rf $(VENV) .data build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
