"""Webhook bodies that senders really write, and what ``/webhooks/grafana`` answers to each, sent alone.

``OURS`` are in tests/fixtures, one for each distinct message. ``FOUND`` were found in public repositories; they lie
beside the repository, in ``../shared/payloads``, and not everybody has them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "tests" / "fixtures"
PAYLOADS = ROOT.parent / "shared" / "payloads"


@dataclass(frozen=True, slots=True)
class Taken:
    """200: so many alerts stored, so many incidents touched."""

    alerts: int
    incidents: int


@dataclass(frozen=True, slots=True)
class Refused:
    """422: the field that is to blame, and words that the answer holds."""

    field: str
    words: str


Answer = Taken | Refused

ALERTMANAGER = Refused("body", "/webhooks/alertmanager, which this version of Bongsu does not support yet")
DATADOG = Refused("alerts", "/webhooks/datadog, which this version of Bongsu does not support yet")
NEW_RELIC = Refused("alerts", "/webhooks/newrelic, which this version of Bongsu does not support yet")
CUSTOM = Refused("alerts", "a custom payload can't be read")
NOTHING_SAID = Refused("alerts[0]", "nothing says what it is about")

OURS: Mapping[str, Answer] = {
    "alertmanager/bare-alert.json": ALERTMANAGER,
    "alertmanager/gmp-version-1.json": ALERTMANAGER,
    "alertmanager/long-annotation.json": ALERTMANAGER,
    "alertmanager/no-version.json": ALERTMANAGER,
    "alertmanager/same-labels-two-fingerprints.json": ALERTMANAGER,
    "alertmanager/v0-no-status.json": ALERTMANAGER,
    "alertmanager/v3-no-group-key.json": ALERTMANAGER,
    "alertmanager/v3-resolved.json": ALERTMANAGER,
    "alertmanager/v3.json": ALERTMANAGER,
    "alertmanager/v4-newer-keys.json": ALERTMANAGER,
    "alertmanager/v4-no-generator-url.json": ALERTMANAGER,
    "alertmanager/v4.json": ALERTMANAGER,
    "datadog/custom.json": DATADOG,
    "datadog/recovered.json": DATADOG,
    "datadog/triggered.json": DATADOG,
    "datadog/unexpanded.json": DATADOG,
    "datadog/warn.json": DATADOG,
    "grafana/alert-only-status.json": NOTHING_SAID,
    "grafana/alert-without-status.json": Refused("alerts[1].status", '"firing" or "resolved" is needed, it is missing'),
    "grafana/below-a-path-edit-link.json": Taken(1, 1),
    "grafana/custom-payload.json": CUSTOM,
    "grafana/datasource-error-two-rules.json": Taken(2, 1),
    "grafana/datasource-no-data.json": Taken(1, 1),
    "grafana/error-resolve.json": Taken(1, 0),
    "grafana/firing-two-pods.json": Taken(2, 1),
    "grafana/legacy-dashboard.json": Taken(1, 1),
    "grafana/legacy-no-data-set-to-alerting.json": Taken(1, 1),
    "grafana/legacy-no-data.json": Taken(1, 1),
    "grafana/legacy-ok.json": Taken(2, 0),
    "grafana/legacy-oldest.json": Taken(1, 1),
    "grafana/legacy-paused.json": Taken(2, 0),
    "grafana/legacy-pending.json": Refused("state", 'is needed, this is the string "pending"'),
    "grafana/legacy-rule-tags.json": Taken(1, 1),
    "grafana/legacy-tags-empty-string.json": Taken(1, 1),
    "grafana/legacy-tags-null.json": Taken(1, 1),
    "grafana/legacy-test.json": Taken(1, 1),
    "grafana/missing-series-resolve.json": Taken(1, 0),
    "grafana/mixed-truncated.json": Taken(2, 1),
    "grafana/no-data-keep-last-resolve.json": Taken(1, 0),
    "grafana/no-data-resolved.json": Taken(1, 0),
    "grafana/no-data-set-to-alerting.json": Taken(1, 1),
    "grafana/no-data-without-rule-link.json": Taken(1, 1),
    "grafana/no-fingerprint-no-annotations.json": Taken(1, 1),
    "grafana/no-group-key.json": Taken(1, 1),
    "grafana/no-labels-truncated.json": Taken(1, 0),
    "grafana/oldest-unified.json": Taken(1, 1),
    "grafana/paused-resolve.json": Taken(1, 0),
    "grafana/relative-generator-url.json": Taken(1, 1),
    "grafana/resolved-but-one-is-hidden.json": Taken(1, 0),
    "grafana/resolved.json": Taken(1, 0),
    "grafana/rule-deleted-resolve.json": Taken(1, 0),
    "grafana/rule-only-in-silence-link.json": Taken(1, 1),
    "grafana/test-button.json": Taken(1, 1),
    "grafana/through-oncall-version-4.json": Taken(1, 1),
    "grafana/two-rules-no-values.json": Taken(2, 1),
    "grafana/updated-resolve.json": Taken(1, 0),
    "grafana/values-null.json": Taken(1, 1),
    "newrelic/acknowledged.json": NEW_RELIC,
    "newrelic/closed.json": NEW_RELIC,
    "newrelic/legacy-channel.json": NEW_RELIC,
}

FOUND: Mapping[str, Answer] = {
    "alerta/alertmanager-heartbeat.json": ALERTMANAGER,
    "alerta/grafana-legacy-6-tags.json": Taken(1, 1),
    "alerta/grafana-legacy-alerting.json": Taken(1, 1),
    "alerta/grafana-legacy-ok.json": Taken(2, 0),
    "alerta/grafana-legacy-test-tags-null.json": Taken(1, 1),
    "alerta/newrelic-legacy-channel.json": NEW_RELIC,
    "am-executor/alertmanager-empty-fingerprint.json": ALERTMANAGER,
    "codenow/datadog-custom-recovered.json": DATADOG,
    "codenow/datadog-custom-triggered.json": DATADOG,
    "dingtalk/alertmanager-two-envs-no-groupkey.json": ALERTMANAGER,
    "fxinnovation/alertmanager-firing.json": ALERTMANAGER,
    "fxinnovation/alertmanager-resolved.json": ALERTMANAGER,
    "iris/grafana-legacy-tags-empty-string.json": Taken(1, 1),
    "keep/datadog-recovered.json": DATADOG,
    "keep/datadog-triggered.json": DATADOG,
    "keep/datadog-warn-p2.json": DATADOG,
    "keep/grafana-12.4-test-relative-generatorurl.json": Taken(1, 1),
    "oncall/alertmanager-bad-endsat.json": ALERTMANAGER,
    "oncall/grafana-alerting-three-firing-version4.json": Taken(3, 1),
    "prometheus_bot/alertmanager-11-alerts-no-status.json": ALERTMANAGER,
    "prometheus_bot/alertmanager-8-resolved-no-status.json": ALERTMANAGER,
    "prometheus_bot/alertmanager-groupkey-bigint.json": ALERTMANAGER,
    "prometheus_bot/alertmanager-huge-annotation.json": ALERTMANAGER,
    "prometheusalert/alertmanager-level-label.json": ALERTMANAGER,
    "pytorch/grafana-missing-groupkey.json": Taken(1, 1),
    "pytorch/grafana-nodata-firing-nonrule-generatorurl.json": Taken(1, 1),
    "pytorch/grafana-nodata-firing.json": Taken(1, 1),
    "pytorch/grafana-nodata-resolved.json": Taken(1, 0),
    "pytorch/grafana-test-notification.json": Taken(1, 1),
    "pytorch/grafana-toggle-firing.json": Taken(1, 1),
    "robusta/gmp-alertmanager-version1.json": ALERTMANAGER,
    "tg_parser/grafana-datasource-error-three-rules.json": Taken(3, 1),
    "zulip/alertmanager-same-labels-different-fingerprint.json": ALERTMANAGER,
    "zulip/grafana-9-mixed-firing-resolved.json": Taken(3, 1),
    "zulip/grafana-alert-only-status.json": NOTHING_SAID,
    "zulip/grafana-custom-payload-text-only.json": CUSTOM,
    "zulip/grafana-legacy7-nodata.json": Taken(1, 1),
    "zulip/grafana-no-labels-truncated1-state-mismatch.json": Taken(1, 0),
    "zulip/newrelic-acknowledged-isCorrelated-string.json": NEW_RELIC,
    "zulip/newrelic-closed-default-template.json": NEW_RELIC,
}


def listed(directory: Path) -> list[str]:
    """The bodies in this directory, as the tables name them."""
    return sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*.json"))
