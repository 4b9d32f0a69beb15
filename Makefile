# Everything needed goes into .venv, which is made anew only when the files it hangs on change.
PYTHON ?= python3
BACKEND ?= jax
VENV := .venv
BIN := $(VENV)/bin
INSTALL := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --constraint constraints.txt
BACKENDS := jax tensorflow torch
# Two processes for each backend; a file's tests stay in one, with what they share.
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder
# The backend that also runs what is marked `once`.
ONCE := torch

.PHONY: demo test test-fast lint docs format clean

demo: $(VENV)/ready-$(BACKEND)
	$(BIN)/keras-bam fit digits --attention bam --epochs 6 --backend $(BACKEND) --run-dir runs/demo-$(BACKEND) --overwrite

test: lint docs $(BACKENDS:%=test-%)

test-fast: lint $(BACKENDS:%=test-fast-%)

test-fast-%: $(VENV)/ready-test
	KERAS_BACKEND=$* $(PYTEST) -m "not slow$(if $(filter $(ONCE),$*),, and not once)"

test-%: $(VENV)/ready-test
	KERAS_BACKEND=$* $(PYTEST) $(if $(filter $(ONCE),$*),,-m "not once")

lint: $(VENV)/ready-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Material says on every build that it ends in 2027.
docs: $(VENV)/ready-test
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

format: $(VENV)/ready-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) dist site

# pytorchcv asks for torchvision, which none of what is used of it needs.
$(VENV)/ready-test: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) --editable ".[all,test]"
	$(INSTALL) --no-deps pytorchcv
	touch $@

$(VENV)/ready-%: pyproject.toml constraints.txt | $(BIN)/python
	@case " $(BACKENDS) " in *" $* "*) ;; *) echo "BACKEND=$* is none of: $(BACKENDS)"; exit 2;; esac
	$(INSTALL) --editable ".[fit,$*]"
	touch $@

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
