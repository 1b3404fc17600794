#!/usr/bin/env bash
# Builds the Debian package, for Debian 13, in the same steps as the container image, puts it into build-image/, and tries it out in a
# container that runs systemd: installs it, starts the service, lets the watchdog find it stuck, upgrades, removes and purges it.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/container_engine.sh

"$engine" build "${build_args[@]}" -f docker/Dockerfile --target package -t action-scheduler-package .
container=$("$engine" create action-scheduler-package none)
rm -rf $work/package
"$engine" cp "$container:/" $work/package
"$engine" rm "$container" >/dev/null
package=$(ls $work/package/action-scheduler_*.deb)
cp "$package" $work/
echo "Package: $work/$(basename "$package"), $(($(stat -c %s "$package") / 1024)) KiB"

"$engine" build "${build_args[@]}" -q -t action-scheduler-systemd - <<'DOCKERFILE' >/dev/null
FROM debian:trixie-slim
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends systemd dbus
DOCKERFILE
systemd_args=(--privileged)
[[ $engine == docker ]] && systemd_args+=(--cgroupns=host -v /sys/fs/cgroup:/sys/fs/cgroup --tmpfs /run)
[[ $engine == podman ]] && systemd_args+=(--systemd=always)
container=$("$engine" run -d "${run_args[@]}" "${systemd_args[@]}" -v "$PWD/$work/package:/package:ro" -v "$PWD/scripts:/scripts:ro" \
  action-scheduler-systemd /lib/systemd/systemd)
trap '"$engine" rm -f -v "$container" >/dev/null 2>&1 || true' EXIT
for ((i = 0; i < 300; ++i)); do
  case $("$engine" exec "$container" systemctl is-system-running 2>/dev/null || true) in running | degraded) break ;; esac
  sleep 0.1
done
"$engine" exec "$container" /scripts/try_package.sh
