# The commands of this repository. Underneath is CMake with presets (CMakePresets.json); people at home there need no make.
# Every command installs the Debian packages that it misses, and touches neither apt nor the network when none is missing.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

CONFIG ?= $(CURDIR)/sample_configs/trivial/config.yaml
RUN_DIR ?= data
CTEST_ARGS ?=

.NOTPARALLEL:
.PHONY: help run build test simulate lint format sanitize asan tsan fuzz oracles api-check page torture image package docs manifests bench install clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "Variables: CONFIG and RUN_DIR (run), CTEST_ARGS (test, sanitize), KAFKA_SERVER=host:port (tests use that Kafka), FUZZ_SECONDS (fuzz), MINUTES, SEED, SECTIONS (torture), PREFIX (install)"

run: build  ## Build and start the scheduler: SQLite with the sample actions, fires on standard output. Ctrl-C ends it
	@mkdir -p $(RUN_DIR)
	@[[ -e $(RUN_DIR)/sample_actions.yaml ]] || cp sample_actions.yaml $(RUN_DIR)/
	@cd $(RUN_DIR) && exec $(CURDIR)/build/action-scheduler --config $(CONFIG) run

build:  ## Build the program, build/action-scheduler
	@scripts/install_packages.sh build
	@scripts/configure.sh default -DACTION_SCHEDULER_TESTS=OFF
	@cmake --build build --target action-scheduler

test:  ## Build with warnings as errors and run all tests, those against a private Postgres and a real Kafka included
	@scripts/install_packages.sh build test
	@scripts/configure.sh test
	@cmake --build build
	@ctest --preset test $(CTEST_ARGS)

simulate:  ## Live through simulated histories: SEEDS=10000 FIRST=1, or one with all that happens in it: SEED=23 [EVENTS=1,8,10]; GENERATION=1: without what operators ask for
	@scripts/install_packages.sh build test
	@scripts/configure.sh test
	@cmake --build build --target simulate
	@build/tests/simulation/simulate $(if $(GENERATION),--generation $(GENERATION)) $(if $(SEED),--seed $(SEED) $(if $(EVENTS),--events $(EVENTS)),--seeds $(or $(SEEDS),10000) --first $(or $(FIRST),1))

lint:  ## Check formatting and run clang-tidy
	@scripts/install_packages.sh build test lint
	@scripts/lint.sh

format:  ## Format the sources
	@scripts/install_packages.sh lint
	@scripts/format.sh

sanitize:  ## Run the tests under AddressSanitizer and UBSan, those with several threads under ThreadSanitizer (alone: make asan, make tsan)
	@scripts/install_packages.sh build test sanitize
	@CTEST_ARGS='$(CTEST_ARGS)' scripts/sanitize.sh

asan tsan:
	@scripts/install_packages.sh build test sanitize
	@scripts/configure.sh $@
	@cmake --build build-$@
	@ctest --preset $@ $(CTEST_ARGS)

fuzz:  ## Look for inputs that break the parsers, the configuration or the fire times, for FUZZ_SECONDS (60), under ASan and UBSan
	@scripts/install_packages.sh build fuzz
	@scripts/fuzz.sh

oracles:  ## Compare the fire times of a few thousand random schedules with APScheduler and croniter (from PyPI)
	@scripts/install_packages.sh build torture
	@scripts/oracles.sh

api-check:  ## Have schemathesis (from PyPI) look for answers of the HTTP API that src/http/openapi.json does not allow
	@scripts/install_packages.sh build torture
	@scripts/api_check.sh

page:  ## Try the dashboard in Chromium, with a million actions; SCREENSHOTS=1 makes the pictures of the documents, too
	@scripts/install_packages.sh build test page
	@scripts/page.sh $(if $(SCREENSHOTS),--screenshots)

torture:  ## Random schedules, histories, inputs, oracles and real faults with new seeds for MINUTES (10)
	@scripts/install_packages.sh build test fuzz torture
	@scripts/torture.sh $(SECTIONS)

package:  ## Build the Debian package, install it in a container, run it there, and remove it again
	@scripts/build_package.sh

docs:  ## Make the site of docs/ in build/site; no link may lead nowhere
	@scripts/install_packages.sh docs
	@scripts/docs.sh

manifests:  ## Check the Kubernetes manifest, the Prometheus alerts, the Grafana dashboard and the compose file
	@scripts/install_packages.sh manifests
	@scripts/check_manifests.sh

image:  ## Build the container image, and try it between a real Postgres and a real Kafka
	@scripts/build_image.sh

bench:  ## Build and run the benchmarks
	@scripts/install_packages.sh build test bench
	@scripts/configure.sh bench
	@cmake --build build-bench
	@cmake --build build-bench --target bench

install: build  ## Install the program, the core library and its headers under PREFIX (/usr/local)
	@cmake --install build --prefix $(or $(PREFIX),/usr/local)

clean:  ## Remove everything that was built (not the data of make run)
	@rm -rf build build-debug build-asan build-tsan build-fuzz build-bench build-lint build-image
