#!/usr/bin/env bash
# Compares the fire times of random schedules with APScheduler and croniter (tests/oracles). Makes a private Python environment below
# build/ from PyPI, with pinned versions and hashes; without network it fails and says so, it never skips.
#
#   scripts/oracles.sh [--seed N] [--count N] [--only apscheduler|broken|interval|croniter]
set -euo pipefail
cd "$(dirname "$0")/.."

venv=build/oracles
wanted=$(sha256sum tests/oracles/requirements.txt | cut -d ' ' -f 1)
if [[ $(cat $venv/installed 2>/dev/null || true) != "$wanted" ]]; then
  rm -rf $venv
  python3 -m venv $venv
  if ! $venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r tests/oracles/requirements.txt; then
    echo "oracles.sh: APScheduler and croniter could not be installed from PyPI, so nothing was compared" >&2
    exit 1
  fi
  echo "$wanted" >$venv/installed
fi
scripts/configure.sh default -DACTION_SCHEDULER_TESTS=OFF
cmake --build build --target action-scheduler
exec $venv/bin/python tests/oracles/compare.py --program build/action-scheduler "$@"
