#!/usr/bin/env bash
# Runs the fuzz targets of tests/fuzz, one after the other, from the corpus in the repository and what earlier runs found.
#
#   FUZZ_SECONDS=60 scripts/fuzz.sh            all targets; the seconds are shared among them
#   FUZZ_SEED=7 ...                            libFuzzer's seed; by default a new one each time, in CI the same, so that what fails there
#                                              is what was changed
#   scripts/fuzz.sh --minimise                 takes what earlier runs found and covers something new into tests/fuzz/corpus
#
# A fault ends it with exit code 1; it prints the input and how to replay it. Put the input under a telling name into
# tests/fuzz/corpus/<target>, mend, and it stays a test.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${FUZZ_SECONDS:-60}
seed=${FUZZ_SEED:-${CI:+1}}  # 0: libFuzzer chooses
targets=(config_text cron_json cron_fields fire_times row_cells)
build=build-fuzz
# So that the stack of a fault has names.
export ASAN_SYMBOLIZER_PATH=${ASAN_SYMBOLIZER_PATH:-$(command -v llvm-symbolizer-19 || command -v addr2line || true)}
export UBSAN_OPTIONS=print_stacktrace=1

scripts/configure.sh fuzz
cmake --build $build --target fuzz_targets

if [[ ${1:-} == --minimise ]]; then
  for target in "${targets[@]}"; do
    mkdir -p $build/found/$target
    $build/tests/fuzz/${target}_fuzz -merge=1 tests/fuzz/corpus/$target $build/found/$target 2>&1 | tail -n 1
  done
  exit 0
fi

for target in "${targets[@]}"; do
  mkdir -p $build/found/$target $build/faults
  dictionary=cron
  max_bytes=512
  case $target in
    config_text) dictionary=yaml max_bytes=16384 ;;
    row_cells) max_bytes=16384 ;;
  esac
  echo "Fuzzing $target for $((seconds / ${#targets[@]})) s"
  log=$build/$target.log
  if ! $build/tests/fuzz/${target}_fuzz $build/found/$target tests/fuzz/corpus/$target -dict=tests/fuzz/$dictionary.dict \
    -max_total_time=$((seconds / ${#targets[@]})) -timeout=5 -rss_limit_mb=2048 -max_len=$max_bytes -print_final_stats=1 -seed="${seed:-0}" \
    -artifact_prefix=$build/faults/$target- >$log 2>&1; then
    grep -vE '^#[0-9]+[[:space:]]' $log | tail -n 60 >&2
    input=$(sed -n 's/.*Test unit written to //p' $log | tail -n 1)
    echo "fuzz.sh: $target found a fault; again: $build/tests/fuzz/${target}_fuzz ${input:-(see $log)}" >&2
    exit 1
  fi
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' $log)
  if [[ -z $runs || $runs -eq 0 ]]; then
    echo "fuzz.sh: $target tried nothing, see $log" >&2
    exit 1
  fi
  echo "$target: $runs inputs, no fault; $(find $build/found/$target tests/fuzz/corpus/$target -type f | wc -l) in the corpus"
done
