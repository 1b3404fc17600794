#!/usr/bin/env bash
# Checks what operators take from here: the Kubernetes manifest against the schemas of Kubernetes, the Prometheus alerts with promtool,
# on good times and bad, the Grafana dashboard, the compose file.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=build/manifest-tools
mkdir -p $tools

# promtool comes out of Debian's package; installing that would start a Prometheus.
if [[ ! -x $tools/promtool ]]; then
  (cd $tools && apt-get download -q prometheus >/dev/null 2>&1) || { echo "check_manifests.sh: the package prometheus could not be downloaded" >&2; exit 1; }
  dpkg -x $tools/prometheus_*.deb $tools/prometheus
  mv $tools/prometheus/usr/bin/promtool $tools/
  rm -rf $tools/prometheus $tools/prometheus_*.deb
fi
$tools/promtool check rules deploy/prometheus/alerts.yaml
$tools/promtool test rules deploy/prometheus/alerts_test.yaml

# kubernetes-validate carries the schemas.
wanted=$(sha256sum scripts/manifests_requirements.txt | cut -d ' ' -f 1)
if [[ $(cat $tools/installed 2>/dev/null || true) != "$wanted" ]]; then
  rm -rf $tools/venv
  python3 -m venv $tools/venv
  if ! $tools/venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r scripts/manifests_requirements.txt; then
    echo "check_manifests.sh: kubernetes-validate could not be installed from PyPI" >&2
    exit 1
  fi
  echo "$wanted" >$tools/installed
fi
$tools/venv/bin/kubernetes-validate --strict docker/kubernetes.yaml
$tools/venv/bin/python - <<'PYTHON'
import json

dashboard = json.load(open("deploy/grafana/action-scheduler.json", encoding="utf-8"))
ids = [panel["id"] for panel in dashboard["panels"]]
assert len(ids) == len(set(ids)) and ids, "panels need ids of their own"
for panel in dashboard["panels"]:
    place = panel["gridPos"]
    assert place["x"] + place["w"] <= 24, panel["title"]
    assert all(target["expr"].count("(") == target["expr"].count(")") for target in panel["targets"]), panel["title"]
print(f"deploy/grafana/action-scheduler.json: {len(ids)} panels")
PYTHON

if docker compose version >/dev/null 2>&1; then compose=(docker compose); else compose=(docker-compose); fi
"${compose[@]}" -f docker/compose.yaml config -q
echo "docker/compose.yaml: valid"
