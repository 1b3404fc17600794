#!/usr/bin/env bash
# Tries random schedules, histories and inputs with new seeds for as long as you like, and ends with a report. What fails prints its
# seed and how to replay it; the other sections go on.
#
#   MINUTES=10 scripts/torture.sh [SECTION...]      all sections without arguments; the minutes are shared among them
#   SEED=7 ...                                      the seed from which all others follow (default: a random one)
#
# A new section: a function section_<name> that calls `rounds <name> <command of a round>`, or does its work in "$seconds" seconds and
# calls `report`; and its name in `sections`. A round is a function that gets a seed, prints what happens, and fails when it found a
# fault; its last line must say how to replay.
set -uo pipefail
cd "$(dirname "$0")/.."

minutes=${MINUTES:-10}
sections=(schedules histories faults oracles fuzz)
[[ $# -eq 0 ]] || sections=("$@")
SEED=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
RANDOM=$((SEED % 32768))
seconds=$((minutes * 60 / ${#sections[@]}))
[[ $seconds -gt 0 ]] || seconds=1
reports=()
faults=0
output=$(mktemp)
trap 'rm -f "$output"' EXIT

report() { reports+=("$(printf '%-10s %s' "$1" "$2")"); }

new_seed() { echo $((RANDOM * 32768 * 32768 + RANDOM * 32768 + RANDOM + 1)); }

# rounds NAME FUNCTION: rounds with new seeds until the section's time is over, one at least.
rounds() {
  local name=$1 round=$2 started=$SECONDS done=0 failed=0 seed
  echo "== $name: $seconds s"
  while [[ $done -eq 0 || $((SECONDS - started)) -lt $seconds ]]; do
    seed=$(new_seed)
    if ! "$round" "$seed" >"$output" 2>&1; then
      failed=$((failed + 1))
      tail -n 40 "$output"
      echo "== $name: FAULT with seed $seed"
    fi
    done=$((done + 1))
    [[ $failed -lt 5 ]] || break
  done
  faults=$((faults + failed))
  report "$name" "$done rounds in $((SECONDS - started)) s, $failed with faults"
}

build() {
  scripts/configure.sh test && cmake --build build --target "$@" >"$output" 2>&1 && return
  tail -n 40 "$output"
  echo "torture.sh: the build failed" >&2
  exit 1
}

replay() { echo "again: $*"; return 1; }

# Random schedules in random zones against the reference implementation, and the laws of triggers.
schedules_round() {
  SCHEDULES_SEED=$1 build/tests/core/core_schedules_test --gtest_brief=1 --gtest_filter='RandomSchedules.*:ScheduleLaws.*' ||
    replay "SCHEDULES_SEED=$1 build/tests/core/core_schedules_test --gtest_filter='RandomSchedules.*:ScheduleLaws.*'"
}
section_schedules() {
  build core_schedules_test
  rounds schedules schedules_round
}

# Histories of crashes, outages, doubts and full disks against the engine.
histories_round() {
  ACTION_SCHEDULER_FIRST_SEED=$1 ACTION_SCHEDULER_SEEDS=100 build/tests/engine/engine_test --gtest_brief=1 --gtest_filter='*RandomHistory*' ||
    replay "ACTION_SCHEDULER_SEED=<the seed in the trace> build/tests/engine/engine_test --gtest_filter='*RandomHistory*'"
}
section_histories() {
  build engine_test
  rounds histories histories_round
}

# Real faults: a real Kafka, a real Postgres, the program itself. The seed decides their order; build/torture-faults.json has the figures.
section_faults() {
  build torture
  echo "== faults: $seconds s"
  if ! build/tests/torture/torture --seed "$SEED" --seconds "$seconds" --report build/torture-faults.json 2>&1 | tee "$output"; then
    faults=$((faults + 1))
  fi
  report faults "$(tail -n 1 "$output")"
}

# An ordinary life with edits and faults: memory and descriptors must stay flat. By name only; build/torture-soak.csv has what was measured.
section_soak() {
  build torture
  echo "== soak: $seconds s"
  if ! build/tests/torture/torture soak --seed "$SEED" --seconds "$seconds" --samples build/torture-soak.csv \
    --report build/torture-soak.json 2>&1 | tee "$output"; then
    faults=$((faults + 1))
  fi
  report soak "$(tail -n 1 "$output")"
}

# APScheduler and croniter, from PyPI.
oracles_round() {
  scripts/oracles.sh --seed "$1" --count 3000 || replay "scripts/oracles.sh --seed $1 --count 3000"
}
section_oracles() {
  scripts/install_packages.sh torture
  rounds oracles oracles_round
}

# libFuzzer, from the corpus and what it found before. It chooses its own seeds; a fault is a file.
section_fuzz() {
  scripts/install_packages.sh fuzz
  echo "== fuzz: $seconds s"
  if FUZZ_SECONDS=$seconds scripts/fuzz.sh >"$output" 2>&1; then
    report fuzz "$(grep -E 'inputs, no fault' "$output" | sed 's/;.*//' | paste -sd '~' | sed 's/~/; /g')"
  else
    cat "$output"
    faults=$((faults + 1))
    report fuzz "a fault, see above"
  fi
}

echo "SEED=$SEED MINUTES=$minutes"
for section in "${sections[@]}"; do
  if ! declare -F "section_$section" >/dev/null; then
    echo "torture.sh: no section is named '$section'; there are:$(declare -F | sed -n 's/.* section_/ /p' | tr -d '\n')" >&2
    exit 2
  fi
done
for section in "${sections[@]}"; do
  "section_$section"
done

printf '\n== Report, SEED=%s, %d s, commit %s\n' "$SEED" "$SECONDS" "$(git -c safe.directory="$PWD" rev-parse --short HEAD 2>/dev/null || echo unknown)"
printf '%s\n' "${reports[@]}"
if [[ $faults -gt 0 ]]; then
  echo "== $faults faults"
  exit 1
fi
echo "== No faults"
