#!/usr/bin/env bash
# Makes the site of docs/ in build/site. Fails when a link leads nowhere or a page is missing from mkdocs.yml. The tools come from PyPI,
# pinned, into a private Python environment.
#
#   scripts/docs.sh [serve]       with `serve` at http://127.0.0.1:8000, made anew with each change
set -euo pipefail
cd "$(dirname "$0")/.."

venv=build/docs-tools
wanted=$(sha256sum scripts/docs_requirements.txt | cut -d ' ' -f 1)
if [[ $(cat $venv/installed 2>/dev/null || true) != "$wanted" ]]; then
  rm -rf $venv
  python3 -m venv $venv
  if ! $venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r scripts/docs_requirements.txt; then
    echo "docs.sh: mkdocs could not be installed from PyPI" >&2
    exit 1
  fi
  echo "$wanted" >$venv/installed
fi
if [[ ${1:-} == serve ]]; then
  exec $venv/bin/mkdocs serve
fi
# Not --quiet: what is not told does not count as a warning.
if ! log=$($venv/bin/mkdocs build --strict 2>&1); then
  printf '%s\n' "$log" >&2
  exit 1
fi
echo "build/site: $(find build/site -name '*.html' | wc -l) pages, no dead link"
