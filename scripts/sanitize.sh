#!/usr/bin/env bash
# `make asan tsan` in less time: the tests under AddressSanitizer, which mostly wait for servers, run while those for ThreadSanitizer
# are compiled. CTEST_ARGS goes to ctest.
set -euo pipefail
cd "$(dirname "$0")/.."
read -ra arguments <<<"${CTEST_ARGS:-}"

scripts/configure.sh asan
scripts/configure.sh tsan
cmake --build build-asan
output=build-asan/tests.log
ctest --preset asan "${arguments[@]}" >$output 2>&1 &
asan=$!
trap 'kill $asan 2>/dev/null || true' EXIT

built=true
cmake --build build-tsan || built=false
failed=()
wait $asan || failed+=(asan)
trap - EXIT
cat $output
$built || { echo "sanitize.sh: the build for ThreadSanitizer failed, see above" >&2; exit 1; }
ctest --preset tsan "${arguments[@]}" || failed+=(tsan)
if [[ ${#failed[@]} -gt 0 ]]; then
  echo "sanitize.sh: tests failed under ${failed[*]}, see above" >&2
  exit 1
fi
