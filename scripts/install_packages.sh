#!/usr/bin/env bash
# Installs the Debian packages that a task needs and that are missing. When all are there it does nothing and needs no network.
#
#   scripts/install_packages.sh [--print] SET...      sets: build test lint sanitize image bench fuzz torture page docs manifests package
#
# Debian 12 and 13. As root, or through sudo. Elsewhere it says so and leaves the packages to you.
set -euo pipefail

build=(g++ cmake ninja-build pkg-config ccache ca-certificates
       librdkafka-dev libpqxx-dev libyaml-cpp-dev libspdlog-dev nlohmann-json3-dev libcli11-dev libsqlite3-dev libcctz-dev
       libcpp-httplib-dev libssl-dev zlib1g-dev libbrotli-dev prometheus-cpp-dev
       libjemalloc-dev tzdata)
# A private Postgres and a real Kafka (Java, Maven) run in the tests; openssl makes their certificates, kcat reads the topics. The last
# three run the examples of consumers.
test=(libgtest-dev libgmock-dev postgresql default-jre-headless maven kcat openssl procps curl python3 python3-confluent-kafka default-jdk-headless)
lint=(clang-19 clang-format-19 clang-tidy-19)
sanitize=()  # g++ carries its sanitizers
image=(podman runc netavark aardvark-dns iptables uidmap debootstrap docker-compose)
# What the schedules are compared with: robfig/cron is built by Go, APScheduler and croniter run in a Python environment. A Go that
# was installed by hand, on the PATH or where go.dev puts it, will do.
bench=(python3 python3-venv)
PATH=$PATH:/usr/local/go/bin command -v go >/dev/null || bench+=(golang-go)
fuzz=(clang-19 libclang-rt-19-dev)
torture=(python3-venv ca-certificates)  # the second oracles come from PyPI
# A browser for the dashboard, fonts for it, and what drives it. A Node that was installed by hand will do if npm came with it.
page=(chromium fonts-inter fonts-dejavu-core sqlite3 ca-certificates)
command -v npm >/dev/null || page+=(nodejs npm)
package=(dpkg-dev file)
manifests=(docker-compose python3-venv ca-certificates)
docs=(git python3-venv ca-certificates)

print_only=false
if [[ ${1:-} == --print ]]; then
  print_only=true
  shift
fi
if [[ $# -eq 0 ]]; then
  sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi

wanted=()
for set in "$@"; do
  case $set in
    build | test | lint | sanitize | image | bench | fuzz | torture | page | docs | manifests | package) ;;
    *) echo "install_packages.sh: no package set is named '$set'" >&2; exit 2 ;;
  esac
  declare -n packages=$set
  wanted+=("${packages[@]}")
done

# shellcheck source=/dev/null
. /etc/os-release 2>/dev/null || true
# From Debian 13 on the old zone names (US/Pacific, Europe/Kiev) are a package of their own.
if [[ " $* " == *" build "* && ${ID:-} == debian && ${VERSION_ID:-99} != 12 ]]; then
  wanted+=(tzdata-legacy)
fi
if $print_only; then
  printf '%s\n' "${wanted[@]}"
  exit 0
fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "install_packages.sh: not a Debian system, nothing installed. What Debian calls the packages: ${wanted[*]}" >&2
  exit 0
fi

installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null | sed -n 's/^installed //p' || true)
missing=()
for package in "${wanted[@]}"; do
  grep -qxF -- "$package" <<<"$installed" || missing+=("$package")
done
if [[ ${#missing[@]} -eq 0 ]]; then
  exit 0
fi

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  if ! command -v sudo >/dev/null; then
    echo "install_packages.sh: neither root nor sudo; please have installed: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "Installing ${missing[*]}" >&2
"${as_root[@]}" apt-get update -q || echo "install_packages.sh: apt-get update failed in part; going on with the lists at hand" >&2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" </dev/null
