#!/usr/bin/env bash
# Formats the sources in place; with --check only says which are not formatted, and fails.
set -euo pipefail
cd "$(dirname "$0")/.."
mode=(-i)
if [[ ${1:-} == --check ]]; then
  mode=(--dry-run -Werror --ferror-limit=1)
fi
files=$(scripts/sources.sh)
xargs -d '\n' clang-format-19 "${mode[@]}" <<<"$files"
