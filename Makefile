# Two commands: `make bench` and `make test`. Each installs what it needs into .venv and is safe to repeat.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
STAMP := $(VENV)/.installed
# Wheels of the few packages that the command needs, so that the test of the built wheel installs without a network.
WHEELHOUSE := $(CURDIR)/$(VENV)/wheelhouse
# Label Studio wants other versions of what we use, so it has an environment of its own; the tests start it from there.
STUDIO := $(VENV)/label-studio
STUDIO_VERSIONS := tests/label_studio_constraints.txt

.PHONY: bench test lint fuzz speed clean

bench: $(STAMP)
	$(BIN)/armsbench build
	$(BIN)/armsbench run

test: $(STAMP) $(STUDIO)/.installed lint
	ARMSBENCH_WHEELHOUSE=$(WHEELHOUSE) $(BIN)/pytest

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	MYPYPATH=$(VENV)/typing $(BIN)/mypy -p armsbench

fuzz: $(STAMP)
	$(BIN)/python -m armsbench.tests.fuzz 20000

speed: $(STAMP) $(STUDIO)/.installed
	$(BIN)/python -m armsbench.tests.speed
	$(BIN)/python -m armsbench.tests.speed_label_studio

$(STAMP): pyproject.toml constraints.txt benchmark/_scan.c
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "armsbench needs Python 3.11 or later")'
	@echo "installing into $(VENV): about two minutes and 1.9 GB, once"
	$(PYTHON) -m venv $(VENV)
	rm -f benchmark/_scan*.so  # if it cannot be built, none is better than an old one
	$(PIP) install -c constraints.txt -e '.[all]'
	$(PIP) download -c constraints.txt -d $(WHEELHOUSE) click msgspec numpy rich scipy
	mkdir -p $(VENV)/typing && ln -sfn $(CURDIR) $(VENV)/typing/armsbench  # so that mypy finds the package
	touch $@

$(STUDIO)/.installed: $(STUDIO_VERSIONS)
	@echo "installing Label Studio for the tests into $(STUDIO): about two minutes and 1 GB, once"
	rm -rf $(STUDIO)
	$(PYTHON) -m venv $(STUDIO)
	$(STUDIO)/bin/python -m pip --disable-pip-version-check -qq install -c $(STUDIO_VERSIONS) label-studio
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info benchmark/_scan*.so
