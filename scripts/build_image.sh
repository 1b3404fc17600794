#!/usr/bin/env bash
# Builds the container image and tries it out between a real Postgres and a real Kafka: its size, that rows become messages with a
# read-only root file system and without rights, that it says that it is alive and ready, and that SIGTERM ends it with 0.
#
# With docker if a daemon answers, else with podman, which needs none. CONTAINER_ENGINE chooses; IMAGE names the result.
set -euo pipefail
cd "$(dirname "$0")/.."

image=${IMAGE:-action-scheduler:latest}
size_mb_max=120
. scripts/container_engine.sh

if [[ ${1:-} != --try ]]; then
  version=$(sed -n 's/^project(action_scheduler VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
  revision=$(git -c safe.directory="$PWD" rev-parse HEAD 2>/dev/null || echo unknown)
  "$engine" build "${build_args[@]}" -f docker/Dockerfile -t "$image" --build-arg VERSION="$version" --build-arg REVISION="$revision" .
  # The servers of the tests.
  scripts/install_packages.sh build test
  scripts/configure.sh test
  cmake --build build --target with_servers
  exec build/tests/servers/with_servers scripts/build_image.sh --try
fi

fail() {
  echo "build_image.sh: $*" >&2
  [[ -z ${container:-} ]] || "$engine" logs "$container" >&2
  exit 1
}
# until_true SECONDS COMMAND...: waits until it succeeds.
until_true() {
  local tries=$(($1 * 10))
  shift
  for ((i = 0; i < tries; ++i)); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.1
  done
  return 1
}

size_mb=$(($("$engine" image inspect --format '{{.Size}}' "$image") / 1000000))
echo "Image $image: $size_mb MB"
[[ $size_mb -lt $size_mb_max ]] || fail "the image has $size_mb MB, it shall have less than $size_mb_max"

[[ " ${run_args[*]} " == *" --network=host "* ]] || run_args+=(--network=host)  # where the servers are
port=$((20000 + RANDOM % 10000))
container=$("$engine" run -d "${run_args[@]}" --read-only --cap-drop ALL --security-opt no-new-privileges \
  -v /var/lib/action-scheduler -e HTTP__LISTEN=127.0.0.1:$port -e TRACK_CHANGES_PERIOD=1 \
  -e ACTIONS_DB__DIALECT=postgresql -e ACTIONS_DB__HOST="$PGHOST" -e ACTIONS_DB__PORT="$PGPORT" -e ACTIONS_DB__USERNAME="$PGUSER" \
  -e ACTIONS_DB__DATABASE="$PGDATABASE" -e KAFKA__SERVER="$KAFKA_SERVER" -e KAFKA__TOPIC=actions "$image")
trap '"$engine" rm -f -v "$container" >/dev/null 2>&1 || true' EXIT

until_true 30 psql -qc 'SELECT FROM action' || fail "the image made no table"
psql -qc "INSERT INTO action (name, command, cron) VALUES ('a', 'hello', '{\"format\": \"interval\", \"params\": {\"seconds\": 1}}')"
message=$(timeout 30 kcat -C -q -b "$KAFKA_SERVER" -t actions -c 1) || fail "the image sent nothing within 30 s"
[[ $message == '{"command": "hello"}' ]] || fail "the image sent $message"
until_true 10 "$engine" exec "$container" action-scheduler health || fail "the image fires and says that it is not healthy"
until_true 10 "$engine" exec "$container" action-scheduler health --ready || fail "the image fires and says that it is not ready"
[[ $("$engine" exec "$container" id -u) -ne 0 ]] || fail "the image runs as root"
"$engine" stop -t 20 "$container" >/dev/null
status=$("$engine" inspect --format '{{.State.ExitCode}}' "$container")
[[ $status -eq 0 ]] || fail "SIGTERM ended the image with $status instead of 0"
echo "Image $image: from Postgres to Kafka, alive, ready, read-only, ends with 0 on SIGTERM"
