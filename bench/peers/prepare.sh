#!/usr/bin/env bash
# Builds the peers that bench_schedules and bench_burst compare with: robfig/cron by Go; APScheduler, Celery, croniter and
# kafka-python in a private Python environment. What is there already is left alone. The first time it needs the network: peers
# that cannot be fetched are left out, which it says, and the benchmarks measure without them.
#
#   bench/peers/prepare.sh FOLDER
set -euo pipefail
peers=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
log=$folder/prepare.log
: >"$log"
missing=()

fail() {
  echo "bench/peers/prepare.sh: $1; see $log" >&2
  exit 1
}

# go.dev's own packages live in /usr/local/go, which is not on everybody's PATH.
go=$(PATH=$PATH:/usr/local/go/bin command -v go) || { echo "bench/peers/prepare.sh: no Go: scripts/install_packages.sh bench" >&2; exit 1; }
cd "$peers/robfig"
if "$go" mod download >>"$log" 2>&1; then
  "$go" build -mod=readonly -o "$folder/robfig" . >>"$log" 2>&1 || fail "robfig/cron cannot be built"
else
  rm -f "$folder/robfig"
  missing+=("robfig/cron, which Go fetches from its module proxy")
fi

if ! cmp -s "$peers/python/requirements.txt" "$folder/requirements.txt"; then
  { rm -rf "$folder/venv" && python3 -m venv "$folder/venv"; } >>"$log" 2>&1 ||
    fail "no Python environment can be made: scripts/install_packages.sh bench"
  if "$folder/venv/bin/pip" install --quiet --disable-pip-version-check --retries 1 -r "$peers/python/requirements.txt" >>"$log" 2>&1; then
    cp "$peers/python/requirements.txt" "$folder/requirements.txt"
  else
    rm -rf "$folder/venv" "$folder/requirements.txt"
    missing+=("the Python peers, which pip fetches from PyPI")
  fi
fi

if [[ ${#missing[@]} -gt 0 ]]; then
  text=${missing[0]}${missing[1]:+, and ${missing[1]}}
  echo "bench/peers/prepare.sh: going on without $text; see $log" >&2
fi
