#!/usr/bin/env bash
# Formatting of all sources, and clang-tidy over the product's own (src/ and through them include/). A file that passed is not read again
# until it, a header of ours, the rules or the tools change: what passed is remembered in build-lint/passed.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/format.sh --check
echo "Formatting: clean"

cmake -S . -B build-lint -G Ninja -DCMAKE_BUILD_TYPE=Debug -DACTION_SCHEDULER_TESTS=OFF >build-lint.log 2>&1 || { cat build-lint.log >&2; rm -f build-lint.log; exit 1; }
mv build-lint.log build-lint/configure.log
passed=build-lint/passed
mkdir -p $passed

files=$(scripts/sources.sh)
# What every file's result hangs on.
common=$({ clang-tidy-19 --version; g++ --version; cat .clang-tidy scripts/lint.sh; grep -E '^(src|include)/.*\.h$' <<<"$files" | xargs -d '\n' cat; } | sha256sum)

check_one() {
  local file=$1 key output
  key=$({ echo "$2"; echo "$file"; cat "$file"; } | sha256sum | cut -d ' ' -f 1)
  if [[ -e $3/$key ]]; then
    return 0
  fi
  if output=$(clang-tidy-19 --quiet -p build-lint --warnings-as-errors='*' "$file" 2>/dev/null); then
    touch "$3/$key"
  else
    printf '%s\n%s\n' "clang-tidy: $file" "$output"
    return 1
  fi
}
export -f check_one

grep -E '^src/.*\.cc$' <<<"$files" |
  xargs -d '\n' -P "$(nproc)" -I '{}' bash -c 'check_one "$@"' check '{}' "$common" "$passed" || { echo "clang-tidy: faults, see above" >&2; exit 1; }
find $passed -type f -mtime +30 -delete
echo "clang-tidy: clean"
