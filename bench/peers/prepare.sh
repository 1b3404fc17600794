#!/usr/bin/env bash
# Builds the peers that bench_schedules and bench_burst compare with: robfig/cron by Go; APScheduler, Celery, croniter and
# kafka-python in a private Python environment. What is there already is left alone. The first time it needs the network.
#
#   bench/peers/prepare.sh FOLDER
set -euo pipefail
peers=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
log=$folder/prepare.log

fail() {
  echo "bench/peers/prepare.sh: $1; see $log" >&2
  exit 1
}

# go.dev's own packages live in /usr/local/go, which is not on everybody's PATH.
go=$(PATH=$PATH:/usr/local/go/bin command -v go) || { echo "bench/peers/prepare.sh: no Go: scripts/install_packages.sh bench" >&2; exit 1; }
(cd "$peers/robfig" && "$go" build -mod=readonly -o "$folder/robfig" .) >"$log" 2>&1 ||
  fail "robfig/cron cannot be built; the first time Go fetches it from its module proxy"

if ! cmp -s "$peers/python/requirements.txt" "$folder/requirements.txt"; then
  { rm -rf "$folder/venv" && python3 -m venv "$folder/venv"; } >"$log" 2>&1 ||
    fail "no Python environment can be made: scripts/install_packages.sh bench"
  "$folder/venv/bin/pip" install --quiet --disable-pip-version-check --retries 1 -r "$peers/python/requirements.txt" >"$log" 2>&1 ||
    fail "the Python peers cannot be installed; the first time pip fetches them from PyPI"
  cp "$peers/python/requirements.txt" "$folder/requirements.txt"
fi
