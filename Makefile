# `make run` and `make test` are all that most need. Each target installs what it lacks first.
.DEFAULT_GOAL := help
.PHONY: help setup run test lint typecheck contracts unit fuzz soak benchmark evaluate learn graph model \
	fixtures lock clean

BIN := .venv/bin

help:  ## Show what can be asked of make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 18

setup:  ## Install what the assistant needs, and nothing else
	@./setup.sh run

run: setup  ## Listen to the microphone; without one, play the demo recordings
	@$(BIN)/python main.py listen --or-demo

test: lint typecheck contracts unit  ## Install what tests need, then check and test everything

.test-setup:
	@./setup.sh test
.PHONY: .test-setup

lint: .test-setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

typecheck: .test-setup
	@$(BIN)/mypy .

contracts: .test-setup
	@PYTHONPATH=. $(BIN)/lint-imports --no-logo

unit: .test-setup
	@$(BIN)/pytest

fuzz: .test-setup  ## Try hostile input on files, settings and downloads: MINUTES=10 for each of four
	@$(BIN)/python -m tests.fuzz --minutes $(or $(MINUTES),10) $(ARGUMENTS)

soak: .test-setup  ## Live through a compressed week of turns and faults (hours): ARGUMENTS="--minutes 5"
	@$(BIN)/python -m benchmarks.soak $(ARGUMENTS)

benchmark:  ## Measure against named peers, a quarter of an hour: ARGUMENTS="--quick" or "--full"
	@./setup.sh benchmark
	@$(BIN)/python -m benchmarks $(ARGUMENTS)

evaluate:  ## Measure how well recordings are heard: FOLDER=… ARGUMENTS="--noise babble:10"
	@[ -n "$(FOLDER)" ] || { echo "Spiertolk: zeg welke map, zoals make evaluate FOLDER=opnamen." >&2; exit 2; }
	@./setup.sh evaluation
	@$(BIN)/python main.py evaluate "$(FOLDER)" $(ARGUMENTS)

learn: setup  ## Learn from the phrases anew, after they were changed
	@$(BIN)/python -m intents.learn

graph: .test-setup  ## Make the speech model's words and graphs anew: ARGUMENTS="--content DIR --out DIR"
	@$(BIN)/python -m training graph $(ARGUMENTS)

model:  ## Make the speech model from nothing (hours): ARGUMENTS="--speech DIR --out DIR"
	@./setup.sh training
	@$(BIN)/python -m training model $(ARGUMENTS)

fixtures: .test-setup  ## Make the recordings anew from their list of sentences
	@$(BIN)/python -m audio_fixtures.make

lock: .test-setup  ## Make the locks anew after a change in pyproject.toml (installs uv beside the tools)
	@$(BIN)/python -m pip install -q uv
	@PATH=$(CURDIR)/$(BIN):$$PATH ./lock.sh

clean:  ## Remove what setup and tests made; build/, where `make model` keeps hours of work, stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache answers
