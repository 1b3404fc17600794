#!/usr/bin/env bash
# Prints the C++ and C sources of this repository, one a line: those under version control, in a tree without git all.
# Fails when there are none, so that a check of nothing cannot pass.
set -euo pipefail
cd "$(dirname "$0")/.."
patterns=('*.cc' '*.h' '*.c')
files=$(git -c safe.directory="$PWD" ls-files --cached --others --exclude-standard -- "${patterns[@]}" 2>/dev/null || true)
if [[ -z $files ]]; then
  files=$(find include src tests bench examples -name '*.cc' -o -name '*.h' -o -name '*.c' 2>/dev/null || true)
fi
if [[ -z $files ]]; then
  echo "sources.sh: no sources found in $PWD" >&2
  exit 1
fi
# A file that was deleted and not yet committed is listed and not there.
while IFS= read -r file; do
  [[ -e $file ]] && printf '%s\n' "$file"
done < <(sort -u <<<"$files")
