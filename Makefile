# The course's commands. `make` alone lists them. Works with GNU make 3.81 and newer on Linux and macOS.
#
# The environment is a plain `python3 -m venv` with a fast installer (uv) inside it; constraints.txt fixes the versions.
# .venv/.ready is written last, so an interrupted installation is never taken for a finished one, and it holds the
# checkout's path, so that a moved checkout makes its environment anew.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do $$p -c '$(SUPPORTED)' 2>/dev/null && echo $$p && break; done)
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
JOBS ?= 2
ARGS ?=
SITE ?= site
LESSON ?=
ASSIGNMENT ?=
SUBMISSIONS ?=
IMAGES ?=

comma := ,
BIN := .venv/bin/python
READY := $(if $(GPU),.venv/.ready-gpu,.venv/.ready)
EXTRAS := course,dev$(if $(GPU),$(comma)gpu)
say = { echo "make: $(1)" >&2; exit 1; }

ifneq ($(shell test -x .venv/bin/python && cat .venv/.ready 2>/dev/null),$(CURDIR))
$(shell rm -f .venv/.ready .venv/.ready-gpu .venv/.ready-site .venv/.ready-instructor)
endif

.PHONY: help .venv lab test test-full run bench site reset release grade score teach clean lint constraints
.DEFAULT_GOAL := help

help:
	@echo "make lab               open the course in JupyterLab (first time: installs it into .venv)"
	@echo "make test              run the tests and every lesson, on the samples that come with the course"
	@echo "make run               patches, training, restored photos in output/ and a table, in one go (ARGS='--quality 10')"
	@echo "make reset LESSON=03   a fresh copy of lesson 03 in work/ (yours is kept in work/backup)"
	@echo "make test-full         the rest: downloaded photos, real browser, JAX without TensorFlow, long runs"
	@echo "make bench             measure: figures only, nothing passes or fails"
	@echo "make site              the lessons as web pages in site/, with a search; works offline (SITE=folder)"
	@echo "make release           for teachers: student versions and zips of the assignments (ASSIGNMENT=a1 for one)"
	@echo "make grade             grade SUBMISSIONS=folder: points, feedback pages, grades.csv"
	@echo "make score             score open projects: SUBMISSIONS=folder IMAGES=folder of photos held back"
	@echo "make teach             JupyterLab with nbgrader's pages for teachers"
	@echo "make lint              check style"
	@echo "make constraints       renew constraints.txt after a change in pyproject.toml"
	@echo "make clean             remove .venv, site/ and caches (never work/, output/ or downloaded photos)"
	@echo "Options: GPU=1 (CUDA, Linux x86_64), PYTHON=python3.12, JOBS=4 (parallel tests)"

.venv: $(READY)

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || $(call say,the course needs Python 3.11$(comma) 3.12 or 3.13; found $$(python3 --version 2>/dev/null || echo none). Install one and run make PYTHON=python3.12)
	@command -v "$(PYTHON)" >/dev/null || $(call say,$(PYTHON) not found. Install Python 3.11$(comma) 3.12 or 3.13$(comma) or name another: make PYTHON=python3.12)
	@"$(PYTHON)" -c '$(SUPPORTED)' || $(call say,the course needs Python 3.11$(comma) 3.12 or 3.13; $(PYTHON) is $$("$(PYTHON)" --version 2>&1). Install one and run make PYTHON=python3.12)
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || $(call say,$(PYTHON) cannot make environments. Install its venv module: apt install python3-venv (Debian$(comma) Ubuntu))
	@test -f .venv/.ready || { echo "Making .venv"; rm -f .venv/.ready-gpu .venv/.ready-site .venv/.ready-instructor; "$(PYTHON)" -m venv --clear .venv; }
	@$(BIN) -m pip install --quiet --retries 1 --disable-pip-version-check --constraint constraints.txt uv 2>.venv/install.log || \
		$(call say,nothing could be downloaded: connect to the network and run make again (details: .venv/install.log))
	@echo "Installing the course (first time: about 1 GB)"
	@$(BIN) -m uv pip install --quiet --python $(BIN) --constraint constraints.txt --editable '.[$(EXTRAS)]' || \
		$(call say,the installation stopped: connect to the network$(comma) check the disk and run make again; it goes on where it stopped)
	@printf '%s\n' "$(CURDIR)" > .venv/.ready
	@touch "$@"

lab: $(READY)
	@$(BIN) -m blockcnn_helpers doctor || true
	@$(BIN) -m blockcnn_helpers.workspace lab $(ARGS)

# BLOCKCNN_PROFILE=smoke: lessons train for seconds. PYTHONPATH: they run without a network. --dist loadfile keeps a notebook in one piece.
test: $(READY) .venv/.ready-instructor
	@BLOCKCNN_PROFILE=smoke PYTHONPATH="$(CURDIR)/tests/offline" $(BIN) -m pytest -n $(JOBS) --dist loadfile --nbval-lax --nbval-current-env \
		--nbval-cell-timeout=300 tests blockcnn_helpers notebooks $(ARGS)

test-full: $(READY) .venv/.ready-instructor
	@BLOCKCNN_PROFILE=smoke $(BIN) -m pytest -m full tests $(ARGS)

run: $(READY)
	@$(BIN) -m blockcnn_helpers run $(ARGS)

bench: $(READY) .venv/.ready-instructor
	@set -e; for script in tests/benchmarks/bench_*.py; do echo "== $$script"; $(BIN) "$$script" $(ARGS); done

.venv/.ready-site: $(READY)
	@$(BIN) -m uv pip install --quiet --python $(BIN) --constraint constraints.txt --editable '.[site]' || \
		$(call say,the tools for web pages could not be installed: connect to the network and run make site again)
	@touch "$@"

.venv/.ready-instructor: $(READY)
	@$(BIN) -m uv pip install --quiet --python $(BIN) --constraint constraints.txt --editable '.[instructor]' || \
		$(call say,nbgrader could not be installed: connect to the network and run make again)
	@touch "$@"

release: .venv/.ready-instructor
	@$(BIN) -m blockcnn_helpers.classroom release $(ASSIGNMENT) $(ARGS)

grade: .venv/.ready-instructor
	@test -n "$(SUBMISSIONS)" || $(call say,which submissions? make grade SUBMISSIONS=folder with a folder for each student)
	@$(BIN) -m blockcnn_helpers.classroom grade "$(SUBMISSIONS)" $(ASSIGNMENT) $(ARGS)

score: .venv/.ready-instructor
	@test -n "$(SUBMISSIONS)" || $(call say,which submissions? make score SUBMISSIONS=folder with a folder for each student IMAGES=folder)
	@test -n "$(IMAGES)" || $(call say,on which photos? make score SUBMISSIONS=folder IMAGES=folder of photos that were never JPEG files)
	@$(BIN) -m blockcnn_helpers.classroom score "$(SUBMISSIONS)" "$(IMAGES)" $(ARGS)

teach: .venv/.ready-instructor
	@$(BIN) -m blockcnn_helpers.classroom teach $(ARGS)

site: .venv/.ready-site
	@$(BIN) notebooks/website/build_site.py "$(SITE)"

reset: $(READY)
	@$(BIN) -m blockcnn_helpers.workspace reset "$(LESSON)"

lint: $(READY)
	@$(BIN) -m ruff check .

constraints: $(READY)
	@$(BIN) -m uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --all-extras \
		--no-emit-index-url --no-header --no-annotate pyproject.toml --output-file constraints.txt $(ARGS)

clean:
	@rm -rf .venv site .pytest_cache .ruff_cache build dist *.egg-info
	@find blockcnn_helpers tests notebooks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
