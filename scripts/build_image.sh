#!/usr/bin/env bash
# Builds the container image and tries it out between a real Postgres and a real Kafka: its size, that rows become messages with a
# read-only root file system and without rights, that it says that it is alive and ready, that SIGTERM ends it with 0, and that it
# logs in to Kafka by TLS and SCRAM, which the librdkafka of Debian 12 cannot with Kafka 4.
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
  exec build/tests/servers/with_servers --secured scripts/build_image.sh --try
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
# start ARGUMENT...: runs the image with those further arguments for the engine.
start() {
  container=$("$engine" run -d "${run_args[@]}" --read-only --cap-drop ALL --security-opt no-new-privileges \
    -v /var/lib/action-scheduler -e HTTP__LISTEN=127.0.0.1:$port -e TRACK_CHANGES_PERIOD=1 \
    -e ACTIONS_DB__DIALECT=postgresql -e ACTIONS_DB__HOST="$PGHOST" -e ACTIONS_DB__PORT="$PGPORT" -e ACTIONS_DB__USERNAME="$PGUSER" \
    -e ACTIONS_DB__DATABASE="$PGDATABASE" -e KAFKA__TOPIC=actions "$@" "$image")
}
stop() {
  "$engine" stop -t 20 "$container" >/dev/null
  local status
  status=$("$engine" inspect --format '{{.State.ExitCode}}' "$container")
  [[ $status -eq 0 ]] || fail "SIGTERM ended the image with $status instead of 0"
}
container=
trap '"$engine" rm -f -v $container >/dev/null 2>&1 || true' EXIT

start -e KAFKA__SERVER="$KAFKA_SERVER"

until_true 30 psql -qc 'SELECT FROM action' || fail "the image made no table"
psql -qc "INSERT INTO action (name, command, cron) VALUES ('a', 'hello', '{\"format\": \"interval\", \"params\": {\"seconds\": 1}}')"
message=$(timeout 30 kcat -C -q -b "$KAFKA_SERVER" -t actions -c 1) || fail "the image sent nothing within 30 s"
[[ $message == '{"command": "hello"}' ]] || fail "the image sent $message"
until_true 10 "$engine" exec "$container" action-scheduler health || fail "the image fires and says that it is not healthy"
until_true 10 "$engine" exec "$container" action-scheduler health --ready || fail "the image fires and says that it is not ready"
[[ $("$engine" exec "$container" id -u) -ne 0 ]] || fail "the image runs as root"
stop
echo "Image $image: from Postgres to Kafka, alive, ready, read-only, ends with 0 on SIGTERM"
"$engine" rm -f -v "$container" >/dev/null

# Its user is another than that of the servers.
authority=$(mktemp)
trap '"$engine" rm -f -v $container >/dev/null 2>&1 || true; rm -f "$authority"' EXIT
cp "$KAFKA_CA_FILE" "$authority"
chmod 644 "$authority"
psql -qc "UPDATE action SET command = 'by SCRAM'"
start -v "$authority:/etc/kafka-ca.pem:ro" -e KAFKA__SERVER="$KAFKA_SECURED_SERVER" -e KAFKA__DELIVERY=exactly_once \
  -e KAFKA__PROPERTIES__SECURITY_PROTOCOL=SASL_SSL -e KAFKA__PROPERTIES__SSL_CA_LOCATION=/etc/kafka-ca.pem \
  -e KAFKA__PROPERTIES__SASL_MECHANISM=SCRAM-SHA-512 -e KAFKA__PROPERTIES__SASL_USERNAME=app \
  -e KAFKA__PROPERTIES__SASL_PASSWORD="$KAFKA_PASSWORD"
sent_by_scram() {
  [[ $(timeout 5 kcat -C -q -e -X isolation.level=read_committed -b "$KAFKA_SERVER" -t actions) == *"by SCRAM"* ]]
}
until_true 30 sent_by_scram || fail "the image sent nothing by TLS and SCRAM within 30 s"
stop
echo "Image $image: by TLS and SCRAM-SHA-512, exactly once"
