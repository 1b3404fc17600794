#!/usr/bin/env bash
# To be sourced from the root of the repository: finds out how containers are built and run here. Docker if a daemon answers, else
# podman, which needs none; CONTAINER_ENGINE chooses. Sets
#
#   engine       docker or podman
#   build_args   for `$engine build`
#   run_args     for `$engine run`
#   work         a folder for what is made on the way
#
# and sees to it that the base image, debian:trixie-slim, is there.
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
    echo "$base cannot be pulled (above), and making it with debootstrap takes root" >&2
    exit 1
  fi
  echo "No registry within reach: making $base with debootstrap"
  rm -rf $work/root
  debootstrap --variant=minbase trixie $work/root >$work/debootstrap.log 2>&1 || { tail -20 $work/debootstrap.log >&2; exit 1; }
  find $work/root/usr/share/{doc,man,info,locale} $work/root/var/{cache/apt,lib/apt/lists} ! -type d -delete
  tar -C $work/root -c . | podman import -q - $base >/dev/null
  rm -rf $work/root
fi
