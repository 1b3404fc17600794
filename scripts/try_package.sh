#!/usr/bin/env bash
# Runs as root in a container that systemd manages and that may be thrown away; scripts/build_package.sh calls it there. Tries out the
# package in /package.
set -euo pipefail
package=$(ls /package/action-scheduler_*.deb)
config=/etc/action-scheduler/config.yaml
state=/var/lib/action-scheduler

fail() {
  echo "try_package.sh: $*" >&2
  systemctl status --no-pager action-scheduler >&2 || true
  journalctl --no-pager -n 30 -u action-scheduler >&2 || true
  exit 1
}
# until_true SECONDS COMMAND...
until_true() {
  local tries=$(($1 * 10))
  shift
  for ((i = 0; i < tries; ++i)); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.1
  done
  fail "did not become true: $*"
}
active() { [[ $(systemctl is-active action-scheduler) == active ]]; }
property() { systemctl show -P "$1" action-scheduler; }
logged() { journalctl -u action-scheduler -o cat | grep -q "$1"; }
restarted() { active && [[ $(property NRestarts) -ge 1 ]]; }

apt-get install -y -qq --no-install-recommends "$package" >/dev/null
[[ $(stat -c '%U:%G %a' $config) == 'root:action-scheduler 640' ]] || fail "$config is $(stat -c '%U:%G %a' $config)"
[[ $(stat -c '%U:%G %a' $state) == 'action-scheduler:action-scheduler 750' ]] || fail "$state is $(stat -c '%U:%G %a' $state)"
[[ $(systemctl is-enabled action-scheduler || true) == disabled ]] || fail "the service is enabled before it is configured"
cd /
as_user=(setpriv --reuid action-scheduler --regid action-scheduler --clear-groups action-scheduler --config $config)
"${as_user[@]}" check
echo "Installed: $(dpkg-query -W -f '${Package} ${Version}, needs ${Depends}' action-scheduler)"

unit=/usr/lib/systemd/system/action-scheduler.service
systemd-analyze verify --man=no $unit
systemd-analyze security --offline=true --threshold=15 $unit | tail -n 1

# systemctl returns when the service has said that it is ready.
systemctl enable --now -q action-scheduler
active || fail "it does not run"
until_true 10 test -s $state/ledger.db
[[ $(ps -o user= -p "$(property MainPID)" 2>/dev/null || stat -c %U "/proc/$(property MainPID)") == action-scheduler ]] || fail "it runs as another user"
[[ -n $(property StatusText) ]] || fail "it tells no status"
echo "Runs: $(property StatusText)"

# A row that fires: a line in the journal.
"${as_user[@]}" add --name hello --command 'hello from the package' \
  --cron '{"format": "interval", "params": {"seconds": 1}}' >/dev/null
systemctl restart action-scheduler
until_true 20 logged 'hello from the package'

# Stuck: no sign of life, so systemd ends it and starts it again.
mkdir -p /run/systemd/system/action-scheduler.service.d
printf '[Service]\nWatchdogSec=2\nWatchdogSignal=SIGKILL\n' >/run/systemd/system/action-scheduler.service.d/watchdog.conf
systemctl daemon-reload
systemctl restart action-scheduler
kill -STOP "$(property MainPID)"
until_true 20 restarted
rm -r /run/systemd/system/action-scheduler.service.d
systemctl daemon-reload
systemctl restart action-scheduler
echo "Watchdog: found it stuck and started it again"

systemctl stop action-scheduler
[[ $(property Result) == success && $(property ExecMainStatus) == 0 ]] || fail "SIGTERM ended it with $(property Result), $(property ExecMainStatus)"
systemctl reset-failed action-scheduler 2>/dev/null || true  # so many starts within seconds are this script's
systemctl start action-scheduler

# An upgrade keeps what the administrator wrote, and the service runs on.
echo '# mine' >>$config
dpkg -i --force-confold "$package" >/dev/null
tail -n 1 $config | grep -qx '# mine' || fail "the upgrade took the configuration away"
active || fail "it does not run after the upgrade"

apt-get remove -y -qq action-scheduler >/dev/null
[[ ! -e /usr/bin/action-scheduler && ! -e $unit ]] || fail "remove leaves the program"
[[ -e $config && -e $state/ledger.db ]] || fail "remove takes the configuration or the ledger away"
apt-get install -y -qq --no-install-recommends "$package" >/dev/null
tail -n 1 $config | grep -qx '# mine' || fail "the next installation took the configuration away"
apt-get purge -y -qq action-scheduler >/dev/null
[[ ! -e /etc/action-scheduler && ! -e $state ]] || fail "purge leaves files"
! getent passwd action-scheduler >/dev/null || fail "purge leaves the user"
echo "Package: installed, run, upgraded, removed, purged"
