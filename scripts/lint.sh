#!/usr/bin/env bash
# Formatting of all sources, and clang-tidy over the product's own (src/ and through them include/). Most of clang-tidy's time goes to the
# headers of libraries, so several sources are read as one, as a unity build compiles them. What passed is not read again
# until it, a header of ours, the rules or the tools change: it is remembered in build-lint/passed.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/format.sh --check
echo "Formatting: clean"

cmake -S . -B build-lint -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_UNITY_BUILD=ON -DACTION_SCHEDULER_TESTS=OFF >build-lint.log 2>&1 || { cat build-lint.log >&2; rm -f build-lint.log; exit 1; }
mv build-lint.log build-lint/configure.log
passed=build-lint/passed
mkdir -p $passed

# What every result hangs on.
common=$({ clang-tidy-19 --version; g++ --version; cat .clang-tidy scripts/lint.sh; scripts/sources.sh | grep -E '^(src|include)/.*\.h$' | xargs -d '\n' cat; } | sha256sum)

# A source of the build: one of src/, or a generated one that includes some of them.
check_one() {
  local unit=$1 sources key output
  sources=$(sed -n 's|^#include "\(.*\.cc\)"$|\1|p' "$unit")
  key=$({ echo "$2"; echo "$unit"; cat "$unit" $sources; } | sha256sum | cut -d ' ' -f 1)
  if [[ -e $3/$key ]]; then
    return 0
  fi
  if output=$(clang-tidy-19 --quiet -p build-lint --checks=-bugprone-suspicious-include --warnings-as-errors='*' "$unit" 2>/dev/null); then
    touch "$3/$key"
  else
    printf '%s\n%s\n' "clang-tidy: ${sources:-$unit}" "$output"
    return 1
  fi
}
export -f check_one

units=$(sed -n "s|^ *\"file\": \"\(.*\)\",\{0,1\}$|\1|p" build-lint/compile_commands.json | grep -E '/src/.*\.(cc|cxx)$' | grep -v '/embedded_files' | sort -u)
read_sources=$({ echo "$units"; xargs -d '\n' sed -n 's|^#include "\(.*\.cc\)"$|\1|p' <<<"$units"; } | sort)
missed=$(scripts/sources.sh | grep -E '^src/.*\.cc$' | sed "s|^|$PWD/|" | sort | comm -23 - <(echo "$read_sources"))
[[ -z $missed ]] || { echo "lint.sh: of no target, so not checked: $missed" >&2; exit 1; }
xargs -d '\n' -P "$(nproc)" -I '{}' bash -c 'check_one "$@"' check '{}' "$common" "$passed" <<<"$units" || { echo "clang-tidy: faults, see above" >&2; exit 1; }
find $passed -type f -mtime +30 -delete
echo "clang-tidy: clean"
