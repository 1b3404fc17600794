#!/usr/bin/env bash
# Builds the container image and checks it: its size, that it fires with a read-only root file system, that it says that it is healthy,
# and that SIGTERM ends it with 0. Then checks the compose file.
#
# With docker if a daemon answers, else with podman, which needs none. CONTAINER_ENGINE chooses; IMAGE names the result.
set -euo pipefail
cd "$(dirname "$0")/.."

image=${IMAGE:-action-scheduler:latest}
size_mb_max=120
work=build-image
mkdir -p $work

engine=${CONTAINER_ENGINE:-}
if [[ -z $engine ]]; then
  if command -v docker >/dev/null && docker info >/dev/null 2>&1; then engine=docker; else engine=podman; fi
fi

build_args=()
run_args=()
if [[ $engine == podman ]]; then
  scripts/install_packages.sh image
  build_args+=(--format docker)  # the OCI format has no HEALTHCHECK
  if [[ $(id -u) -eq 0 && ! -d /run/systemd/system ]]; then
    # Inside a container or a bare chroot: no systemd to make cgroups, no bridge to count on.
    cat >$work/containers.conf <<'CONF'
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
CONF
    export CONTAINERS_CONF=$PWD/$work/containers.conf
    build_args+=(--network=host)
    run_args+=(--network=host --no-healthcheck)  # podman has systemd run the health checks; below it is asked by hand
  fi
fi

# The base comes from the registry, or, where none can be reached, from Debian's own mirrors.
base=debian:trixie-slim
if [[ $engine == podman ]] && ! podman image exists localhost/$base && ! podman image exists docker.io/library/$base &&
  ! timeout 60 podman pull -q docker.io/library/$base >$work/pull.log 2>&1; then
  if [[ $(id -u) -ne 0 ]]; then
    cat $work/pull.log >&2
    echo "build_image.sh: $base cannot be pulled (above), and making it with debootstrap takes root" >&2
    exit 1
  fi
  echo "No registry within reach: making $base with debootstrap"
  rm -rf $work/root
  debootstrap --variant=minbase trixie $work/root >$work/debootstrap.log 2>&1 || { tail -20 $work/debootstrap.log >&2; exit 1; }
  find $work/root/usr/share/{doc,man,info,locale} $work/root/var/{cache/apt,lib/apt/lists} ! -type d -delete
  tar -C $work/root -c . | podman import -q - $base >/dev/null
  rm -rf $work/root
fi

version=$(sed -n 's/^project(action_scheduler VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
revision=$(git -c safe.directory="$PWD" rev-parse HEAD 2>/dev/null || echo unknown)
"$engine" build "${build_args[@]}" -f docker/Dockerfile -t "$image" --build-arg VERSION="$version" --build-arg REVISION="$revision" .

fail() {
  echo "build_image.sh: $*" >&2
  exit 1
}

size_mb=$(($("$engine" image inspect --format '{{.Size}}' "$image") / 1000000))
echo "Image $image: $size_mb MB"
[[ $size_mb -lt $size_mb_max ]] || fail "the image has $size_mb MB, it shall have less than $size_mb_max"

container=$("$engine" run -d "${run_args[@]}" --read-only --cap-drop ALL --security-opt no-new-privileges \
  -v /var/lib/action-scheduler -e ACTIONS_DB__DIALECT=sqlite -e ACTIONS_DB__DATABASE=/var/lib/action-scheduler/actions.db \
  -e ACTION__CALLBACK=stdout -e TEST__WRITE_SAMPLE_ACTIONS_TO_DB=true "$image")
trap '"$engine" rm -f -v "$container" >/dev/null 2>&1 || true' EXIT
logs() { "$engine" logs "$container" 2>&1; }

# One of the sample actions fires every 20 seconds.
fired=false
for ((second = 0; second < 60; ++second)); do
  if logs | grep -q 'command2'; then
    fired=true
    break
  fi
  sleep 1
done
$fired || { logs; fail "the image fired nothing within a minute"; }
"$engine" exec "$container" action-scheduler-health || { logs; fail "the image fires and says that it is not healthy"; }
[[ $("$engine" exec "$container" id -u) -ne 0 ]] || fail "the image runs as root"
"$engine" stop -t 20 "$container" >/dev/null
status=$("$engine" inspect --format '{{.State.ExitCode}}' "$container")
[[ $status -eq 0 ]] || { logs; fail "SIGTERM ended the image with $status instead of 0"; }
echo "Image $image: fires, healthy, read-only, ends with 0 on SIGTERM"

if docker compose version >/dev/null 2>&1; then compose=(docker compose); else compose=(docker-compose); fi
command -v "${compose[0]}" >/dev/null || scripts/install_packages.sh image
"${compose[@]}" -f docker/compose.yaml config -q
echo "docker/compose.yaml: valid"
