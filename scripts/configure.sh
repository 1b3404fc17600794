#!/usr/bin/env bash
# Configures a preset, quietly unless it fails. Options behind the preset's name count only for a folder that is new, so that
# `make build` after `make test` does not take the tests away and build everything again.
#
#   scripts/configure.sh PRESET [OPTION...]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
case $preset in
  default | test) folder=build ;;
  *) folder=build-$preset ;;
esac
if [[ -e $folder/CMakeCache.txt && $preset == default ]]; then
  exit 0  # the build itself configures again when a CMake file has changed
fi
if ! log=$(cmake --preset "$preset" "$@" 2>&1); then
  printf '%s\n' "$log" >&2
  exit 1
fi
