"""``python -m tests.alert_rules``: what Prometheus's own promtool says of the alert rules and of their cases.

``make dashboards`` runs it, and no rule changes by another way: so neither `make test` nor `make lint` needs promtool.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from dashboards.build.alerting import Alert
from dashboards.build.alerts import GROUPS
from tests.alert_cases import CASES, Case, Series

ROOT = Path(__file__).parents[1]
RULES = ROOT / "dashboards/alerts/prometheus.yaml"
UNPACKED = ROOT / ".venv/prometheus/usr/bin/promtool"
"""By ``tests/setup.sh promtool``."""


_MISSING = (
    "no promtool found: install Prometheus, or set BONGSU_TEST_PROMTOOL=/path/to/promtool. "
    "The rules are built; whether they fire when they should was not tried.\n"
)


def main() -> int:
    """0: all is well."""
    promtool = _promtool()
    if promtool is None:
        sys.stderr.write(_MISSING)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        cases = _write_cases(Path(folder))
        runs = ([promtool, "check", "rules", str(RULES)], [promtool, "test", "rules", str(cases)])
        return max(subprocess.run(run, check=False).returncode for run in runs)


def _promtool() -> str | None:
    told = os.environ.get("BONGSU_TEST_PROMTOOL")
    return told or shutil.which("promtool") or (str(UNPACKED) if UNPACKED.is_file() else None)


def _write_cases(folder: Path) -> Path:
    """Beside rules that have no annotation but the summary: promtool wants all of them told, to the letter."""
    rules = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    for group in rules["groups"]:
        for rule in group["rules"]:
            rule["annotations"] = {"summary": rule["annotations"]["summary"]}
    (folder / "rules.yaml").write_text(yaml.safe_dump(rules), encoding="utf-8")
    alerts = {alert.name: alert for group in GROUPS for alert in group.alerts}
    tests = [test for case in CASES for test in _tests(case, alerts[case.alert])]
    told = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests}
    (folder / "cases.yaml").write_text(yaml.safe_dump(told), encoding="utf-8")
    return folder / "cases.yaml"


def _tests(case: Case, alert: Alert) -> list[dict[str, object]]:
    labels = {"severity": alert.severity.value, "service": "bongsu", **case.labels}
    fires = [{"exp_labels": labels, "exp_annotations": {"summary": case.says}}]
    return [_test(case, case.fires, fires), *(_test(case, series, []) for series in case.quiet)]


def _test(case: Case, series: Series, expected: list[dict[str, object]]) -> dict[str, object]:
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [{"eval_time": f"{case.at}m", "alertname": case.alert, "exp_alerts": expected}],
    }


if __name__ == "__main__":
    sys.exit(main())
