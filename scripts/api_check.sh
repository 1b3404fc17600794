#!/usr/bin/env bash
# Has schemathesis (from PyPI) look for answers of the HTTP API that src/http/openapi.json does not allow, and for requests that make it
# fail: a scheduler on a scratch table of SQLite, fires to nobody. API_EXAMPLES (20) requests
# an operation, API_SEED (1); API_PROGRAM, if it is built already.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=build/api-check
requirements=tests/oracles/api-requirements.txt
if ! cmp -s $requirements $venv/installed; then
  rm -rf $venv
  python3 -m venv $venv
  if ! $venv/bin/pip install --quiet --disable-pip-version-check --only-binary :all: -r $requirements; then
    echo "api_check.sh: schemathesis could not be installed from PyPI, so nothing was checked" >&2
    exit 1
  fi
  cp $requirements $venv/installed
fi
if [[ -z ${API_PROGRAM:-} ]]; then
  scripts/configure.sh default -DACTION_SCHEDULER_TESTS=OFF
  cmake --build build --target action-scheduler
fi

folder=$(mktemp -d)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$folder/config.yaml" <<CONFIG
actions_db: {dialect: sqlite, database: actions.db}
internal_db: {dialect: sqlite, database: ledger.db}
action: {callback: stdout}
http: {listen: "127.0.0.1:$port", token: secret}
track_changes_period: 1
CONFIG
program=$(realpath "${API_PROGRAM:-build/action-scheduler}")
(cd "$folder" && exec "$program" run >/dev/null 2>scheduler.log) &
scheduler=$!
trap 'kill $scheduler 2>/dev/null; wait $scheduler 2>/dev/null || true; rm -rf "$folder"' EXIT
for _ in $(seq 100); do
  python3 -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$port/readyz')" 2>/dev/null && break
  sleep 0.1
done

python3 - "$port" <<'ADD'
import json, sys, urllib.request
for number in range(3):
    body = {"name": f"a{number}", "command": "true", "cron": {"format": "unix", "params": {"value": "0 0 1 1 *"}}}
    urllib.request.urlopen(urllib.request.Request(
        f"http://127.0.0.1:{sys.argv[1]}/api/v1/actions", json.dumps(body).encode(),
        {"Content-Type": "application/json", "Authorization": "Bearer secret"}))
ADD
$venv/bin/schemathesis run "http://127.0.0.1:$port/api/v1/openapi.json" --url "http://127.0.0.1:$port" -H 'Authorization: Bearer secret' \
  --checks not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance \
  --phases examples,coverage,fuzzing --max-examples "${API_EXAMPLES:-20}" --seed "${API_SEED:-1}" --suppress-health-check all --no-color \
  --request-timeout 10
kill -0 $scheduler || { echo "the scheduler ended:" >&2; cat "$folder/scheduler.log" >&2; exit 1; }
