#!/usr/bin/env bash
# Tries the dashboard in Debian's Chromium, served by the real program from a table of a million actions, and with a real Kafka that does
# not take everything (tests/page). The browser is driven by playwright-core, accessibility is judged by axe-core: both from npm, with pinned versions and hashes, below build/.
#
#   scripts/page.sh [--screenshots] [ARGUMENT OF node --test...]     --screenshots: makes the pictures of docs/images, too
#   PAGE_ROWS=2000 scripts/page.sh                                   another number of rows
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ ${1:-} == --screenshots ]]; then
  export PAGE_SCREENSHOTS=1
  mkdir -p docs/images
  shift
fi

scripts/configure.sh test  # with_servers is one of the tests' programs
cmake --build build --target action-scheduler with_servers

modules=build/page
wanted=$(sha256sum tests/page/package-lock.json | cut -d ' ' -f 1)
if [[ $(cat $modules/installed 2>/dev/null || true) != "$wanted" ]]; then
  rm -rf $modules
  mkdir -p $modules
  cp tests/page/package.json tests/page/package-lock.json $modules/
  if ! (cd $modules && npm ci --silent --no-audit --no-fund --ignore-scripts); then
    echo "page.sh: playwright-core and axe-core could not be installed by npm, so nothing was tried" >&2
    exit 1
  fi
  echo "$wanted" >$modules/installed
fi
exec build/tests/servers/with_servers node --test "$@" tests/page/trouble.test.mjs tests/page/page.test.mjs
