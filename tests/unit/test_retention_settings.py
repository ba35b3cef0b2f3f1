"""What ``bongsu.yaml`` may say of how long things are kept, and what would not hold together."""

from datetime import timedelta
from pathlib import Path

import pytest

from bongsu.config_file import read_policy
from incidents.errors import InvalidInput
from incidents.policy import Retention

DAY = timedelta(days=1)


def said(tmp_path: Path, text: str) -> Retention:
    path = tmp_path / "bongsu.yaml"
    path.write_text(f"retention: {text}", "utf-8")
    return read_policy(path, required=True).retention


@pytest.mark.parametrize("text", ["{}", "{alerts: null}"])
def test_by_default_everything_is_kept(tmp_path: Path, text: str) -> None:
    assert said(tmp_path, text) == Retention()
    assert not Retention().deletes


@pytest.mark.parametrize(
    ("text", "retention"),
    [
        (
            "{alerts: 90d, deliveries: 30d, incidents: 365d, archive: /var/lib/bongsu/archive}",
            Retention(90 * DAY, 30 * DAY, 365 * DAY, Path("/var/lib/bongsu/archive")),
        ),
        ("{alerts: 12h, audit: 2557d}", Retention(alerts=DAY / 2, audit=2557 * DAY)),
        ("{deliveries: 1w}", Retention(deliveries=7 * DAY)),
        ("{alerts: 30d, incidents: 30d}", Retention(alerts=30 * DAY, incidents=30 * DAY)),
    ],
)
def test_ages_are_read(tmp_path: Path, text: str, retention: Retention) -> None:
    assert said(tmp_path, text) == retention
    assert retention.deletes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{incidents: 30d}", "retention: incidents can't go while their alerts stay: set alerts, too"),
        ("{incidents: 30d, alerts: 31d}", r"retention: alerts \(31d\) can't be kept longer than their incidents \(30d"),
        ("{alerts: 90d, archive: old}", "retention.archive: 'old' depends on where Bongsu is started"),
        ("{archive: /a}", "retention: archive is set, but nothing is ever deleted"),
        ("{alerts: 30}", "retention.alerts: text is needed: write it in quotes"),
        ("{alerts: thirty}", "retention.alerts: 'thirty' is no duration: write a number with its unit"),
        ("{alerts: 5m}", "retention.alerts: '5m' is out of range: write 1h or more, or leave it out"),
        ("{alerts: 1h, incidents: 23h}", "retention.incidents: '23h' is out of range: write 24h or more"),
        ("{deliveries: 0d}", "retention.deliveries: '0d' is out of range"),
        ("{alerts: 9999999d}", "retention.alerts: '9999999d' is too long"),
        ("{audit: 29d}", "retention.audit: '29d' is out of range: write 720h or more"),
        ("{alert: 9d}", "retention.alert: there is no such key"),
    ],
)
def test_what_does_not_hold_together_is_refused_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=_placed(words)) as told:
        said(tmp_path, text)
    assert "\n" not in str(told.value)


def _placed(words: str) -> str:
    """With the place in the file, which stands between the key and the problem."""
    key, _, problem = words.partition(": ")
    return rf"^bongsu.yaml: {key}: line 1, column \d+: {problem}"
