"""For each alert rule: when it fires, what it says then, and a case close by in which it keeps quiet.

Values are written as promtool reads them, one a minute: ``1+2x3`` is 1 3 5 7, ``_x5`` five minutes of nothing.
Source: https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Series = Mapping[str, str]

UP = {'bongsu_build_info{job="bongsu",instance="a"}': "1x600"}


@dataclass(frozen=True)
class Case:
    """At the minute ``at`` it fires over the one and none of the others; ``says`` is its summary then."""

    alert: str
    at: int
    fires: Series
    quiet: Sequence[Series]
    says: str
    labels: Mapping[str, str] = field(default_factory=dict)


def buckets(metric: str, *, below: str, above: str, labels: str = "", until: int = 60) -> Series:
    """Ten a minute that were above the bound ``below`` and at most ``above``."""
    more = f",{labels}" if labels else ""
    told = {below: "0", above: "10", "+Inf": "10"}
    return {f'{metric}_bucket{{le="{le}"{more}}}': f"0+{step}x{until}" for le, step in told.items()}


PROCESS = (
    Case("BongsuDown", 5, {}, [UP], "No Bongsu process answers Prometheus"),
    Case(
        "BongsuNotReady",
        5,
        {'bongsu_ready{instance="a"}': "0x10", 'bongsu_ready{instance="b"}': "0x10"},
        [
            {'bongsu_ready{instance="a"}': "0x10", 'bongsu_ready{instance="b"}': "1x10"},
            {'bongsu_ready{instance="a"}': "1 1 1 1 0 0"},
        ],
        "No Bongsu process can work: webhooks are answered 503",
    ),
    Case(
        "BongsuProcessNotReady",
        15,
        {'bongsu_ready{instance="a"}': "0x20", 'bongsu_ready{instance="b"}': "1x20"},
        [
            {'bongsu_ready{instance="a"}': "0x20"},
            {'bongsu_ready{instance="a"}': "1x7 0x5 1x7", 'bongsu_ready{instance="b"}': "1x20"},
        ],
        "One Bongsu process can't work (a)",
        {"instance": "a"},
    ),
    Case(
        "BongsuRestarts",
        20,
        {**UP, 'process_start_time_seconds{job="bongsu",instance="a"}': "1 1 2 2 3 3 4 4 5x20"},
        [
            {**UP, 'process_start_time_seconds{job="bongsu",instance="a"}': "1 1 2 2 3 3 4x30"},
            {**UP, 'process_start_time_seconds{job="node",instance="a"}': "1 1 2 2 3 3 4 4 5x20"},
        ],
        "Bongsu starts again and again (a)",
        {"job": "bongsu", "instance": "a"},
    ),
    Case(
        "BongsuLoopLag",
        20,
        buckets("bongsu_event_loop_lag_seconds", below="0.5", above="1", labels='job="bongsu",instance="a"'),
        [buckets("bongsu_event_loop_lag_seconds", below="0.25", above="0.5", labels='job="bongsu",instance="a"')],
        "Bongsu does not keep up: whatever is due waits 995ms (a)",
        {"job": "bongsu", "instance": "a"},
    ),
    Case(
        "BongsuFilesRunOut",
        10,
        {
            **UP,
            'process_open_fds{job="bongsu",instance="a"}': "950x20",
            'process_max_fds{job="bongsu",instance="a"}': "1000x20",
        },
        [
            {
                **UP,
                'process_open_fds{job="bongsu",instance="a"}': "900x20",
                'process_max_fds{job="bongsu",instance="a"}': "1000x20",
            },
            {
                **UP,
                'process_open_fds{job="node",instance="a"}': "950x20",
                'process_max_fds{job="node",instance="a"}': "1000x20",
            },
        ],
        "Bongsu has nearly no files left to open (a)",
        {"job": "bongsu", "instance": "a"},
    ),
    Case(
        "BongsuJobFails",
        10,
        {'bongsu_job_runs_total{name="look",outcome="failed"}': "0 0 0 1x20"},
        [
            {'bongsu_job_runs_total{name="look",outcome="failed"}': "7x20"},
            {'bongsu_job_runs_total{name="look",outcome="done"}': "0+1x20"},
        ],
        'A job of Bongsu fails: "look"',
        {"name": "look"},
    ),
    Case(
        "BongsuJobStuck",
        120,
        {'bongsu_job_last_end_timestamp_seconds{name="look",instance="a"}': "60x200"},
        [
            {'bongsu_job_last_end_timestamp_seconds{name="look",instance="a"}': "0+60x200"},
            {
                'bongsu_job_last_end_timestamp_seconds{name="delete what is old, once an hour",instance="a"}': "60x200",
            },
        ],
        'A job of Bongsu does not come to its end: "look" (a)',
        {"name": "look", "instance": "a"},
    ),
)

INTAKE = (
    Case(
        "BongsuWebhooksLost",
        10,
        {'bongsu_deliveries_total{source="grafana",status="unavailable"}': "0 0 0 0 0 1x10"},
        [
            {'bongsu_deliveries_total{source="grafana",status="unavailable"}': "3x20"},
            {'bongsu_deliveries_total{source="grafana",status="processed"}': "0+5x20"},
        ],
        "Webhooks of grafana were not stored: unavailable",
        {"source": "grafana", "status": "unavailable"},
    ),
    Case(
        "BongsuWebhooksRefused",
        10,
        {'bongsu_deliveries_refused_total{source="grafana",reason="wrong_shape"}': "0 0 0 0 0 1x10"},
        [{'bongsu_deliveries_refused_total{source="grafana",reason="wrong_shape"}': "3x20"}],
        "Webhooks of grafana are refused: wrong_shape",
        {"source": "grafana", "reason": "wrong_shape"},
    ),
    Case(
        "BongsuWebhooksUnauthorised",
        10,
        {'bongsu_deliveries_total{source="grafana",status="unauthorised"}': "0 0 0 0 0 1x10"},
        [
            {'bongsu_deliveries_total{source="grafana",status="unauthorised"}': "1x20"},
            {'bongsu_deliveries_total{source="unknown",status="unauthorised"}': "0+9x20"},
        ],
        "Webhooks to /webhooks/grafana have a wrong credential",
        {"source": "grafana"},
    ),
    Case(
        "BongsuIntakeSlow",
        30,
        buckets("bongsu_webhook_commit_seconds", below="5.0", above="10.0", labels='source="grafana"'),
        [buckets("bongsu_webhook_commit_seconds", below="2.5", above="5.0", labels='source="grafana"')],
        "Webhooks take 9.95s until they are stored",
    ),
    Case(
        "BongsuConnectionsRefused",
        10,
        {'bongsu_connections_refused_total{reason="too_many"}': "0 0 0 0 0 1x10"},
        [{'bongsu_connections_refused_total{reason="too_many"}': "1x20"}],
        "Connections to Bongsu find no room: too_many",
        {"reason": "too_many"},
    ),
    Case(
        "BongsuAlertsHidden",
        10,
        {'bongsu_hidden_alerts_total{source="grafana"}': "0 0 0 0 0 12x10"},
        [{'bongsu_hidden_alerts_total{source="grafana"}': "12x20"}],
        "grafana cuts alerts off: nobody sees them",
        {"source": "grafana"},
    ),
    Case(
        "BongsuLimitReached",
        10,
        {'bongsu_limited_total{limit="series"}': "0 0 0 0 0 12x10"},
        [{'bongsu_limited_total{limit="series"}': "12x20"}],
        "A limit of Bongsu's was reached: series",
        {"limit": "series"},
    ),
    Case(
        "BongsuApiFails",
        10,
        {'bongsu_api_requests_total{operation="listIncidents",status="503"}': "0 0 0 0 0 5x10"},
        [
            {'bongsu_api_requests_total{operation="listIncidents",status="503"}': "0 0 0 0 0 1x10"},
            {'bongsu_api_requests_total{operation="listIncidents",status="404"}': "0+9x20"},
        ],
        "The REST API fails: listIncidents",
        {"operation": "listIncidents"},
    ),
)

SLACK = (
    Case(
        "BongsuSlackLockedOut",
        5,
        {"bongsu_slack_locked_out{}": "0x10", 'bongsu_slack_locked_out{tenant="acme"}': "1x10"},
        [{"bongsu_slack_locked_out{}": "0x10"}],
        "Slack refuses Bongsu's token (tenant acme)",
        {"tenant": "acme"},
    ),
    Case(
        "BongsuSlackAway",
        5,
        {"bongsu_slack_away_since_timestamp_seconds{}": "60x10"},
        [{"bongsu_slack_away_since_timestamp_seconds{}": "0x10"}],
        "Nothing gets through to Slack",
    ),
    Case(
        "BongsuOutboxLate",
        20,
        {
            'bongsu_outbox_age_seconds{instance="a"}': "310x30",
            'bongsu_outbox_age_seconds{instance="b"}': "400x30",
            "bongsu_slack_away_since_timestamp_seconds{}": "0x30",
            "bongsu_slack_locked_out{}": "0x30",
        },
        [
            {"bongsu_outbox_age_seconds{}": "299x30"},
            {"bongsu_outbox_age_seconds{}": "400x30", "bongsu_slack_away_since_timestamp_seconds{}": "60x30"},
            {"bongsu_outbox_age_seconds{}": "400x30", "bongsu_slack_locked_out{}": "1x30"},
        ],
        "A message has waited 6m 40s to be shown in Slack",
    ),
    Case(
        "BongsuSlackRateLimited",
        30,
        {
            'bongsu_slack_calls_total{method="chat.update",outcome="ok"}': "0+80x60",
            'bongsu_slack_calls_total{method="chat.update",outcome="ratelimited"}': "0+20x60",
        },
        [
            {
                'bongsu_slack_calls_total{method="chat.update",outcome="ok"}': "0+95x60",
                'bongsu_slack_calls_total{method="chat.update",outcome="ratelimited"}': "0+5x60",
            },
            {'bongsu_slack_calls_total{method="chat.update",outcome="ok"}': "5x60"},
        ],
        "Slack answers 20% of calls with 429",
    ),
    Case(
        "BongsuChannelUnusable",
        10,
        {"bongsu_slack_unusable_channels{}": "1x20"},
        [{"bongsu_slack_unusable_channels{}": "0x20"}],
        "A channel takes no messages of Bongsu's",
    ),
    Case(
        "BongsuPlainText",
        10,
        {'bongsu_slack_plain_text_total{kind="card"}': "0 0 0 0 0 1x10"},
        [{'bongsu_slack_plain_text_total{kind="card"}': "4x20"}],
        "Slack refuses how Bongsu draws a card: plain text is shown",
        {"kind": "card"},
    ),
    Case(
        "BongsuClicksLate",
        30,
        buckets("bongsu_slack_interaction_seconds", below="2.5", above="3.0", labels='kind="button"'),
        [buckets("bongsu_slack_interaction_seconds", below="2.0", above="2.5", labels='kind="button"')],
        "Clicks in Slack take 2.975s: people see errors",
    ),
)

PAGING = (
    Case(
        "BongsuEscalationOverdue",
        10,
        {"bongsu_escalation_overdue{}": "2x20"},
        [{"bongsu_escalation_overdue{}": "0x20"}, {"bongsu_escalation_overdue{}": "0x8 2x3"}],
        "Escalation steps are overdue (2): people are not paged",
    ),
    Case(
        "BongsuPagesGivenUp",
        10,
        {'bongsu_webhook_gave_up_total{webhook="pager"}': "0 0 0 0 0 1x10"},
        [{'bongsu_webhook_gave_up_total{webhook="pager"}': "4x20"}],
        "A page by pager was given up",
        {"webhook": "pager"},
    ),
    Case(
        "BongsuPagesLate",
        10,
        {"bongsu_webhook_age_seconds{}": "600x20"},
        [{"bongsu_webhook_age_seconds{}": "300x20"}],
        "A page by an outgoing webhook has waited 10m 0s",
    ),
    Case(
        "BongsuSwitchSilent",
        30,
        {
            'bongsu_heartbeat_withheld{reason="database",instance="a"}': "1x60",
            'bongsu_heartbeat_last_success_timestamp_seconds{instance="a"}': "60x60",
        },
        [
            {
                'bongsu_heartbeat_withheld{reason="database",instance="a"}': "1x60",
                'bongsu_heartbeat_last_success_timestamp_seconds{instance="b"}': "0+60x60",
            },
            {
                'bongsu_heartbeat_withheld{reason="database",instance="a"}': "0x60",
                'bongsu_heartbeat_last_success_timestamp_seconds{instance="a"}': "0x60",
            },
        ],
        "Bongsu does not call its dead man's switch: database",
        {"reason": "database"},
    ),
)

DATABASE = (
    Case(
        "BongsuPoolExhausted",
        20,
        buckets(
            "bongsu_database_pool_wait_seconds",
            below="1.0",
            above="2.5",
            labels='job="bongsu",instance="a",pool="shared"',
        ),
        [
            buckets(
                "bongsu_database_pool_wait_seconds",
                below="0.5",
                above="1.0",
                labels='job="bongsu",instance="a",pool="shared"',
            )
        ],
        "Bongsu waits 2.485s for a connection to its database (a)",
        {"job": "bongsu", "instance": "a", "pool": "shared"},
    ),
    Case(
        "BongsuSlowQueries",
        20,
        {'bongsu_slow_queries_total{verb="select"}': "0+3x30"},
        [{'bongsu_slow_queries_total{verb="select"}': "0+1x30"}],
        "The database answers Bongsu slowly: select",
        {"verb": "select"},
    ),
    Case(
        "BongsuGaugesOld",
        30,
        {'bongsu_gauges_read_timestamp_seconds{instance="a"}': "60x60"},
        [
            {
                'bongsu_gauges_read_timestamp_seconds{instance="a"}': "60x60",
                'bongsu_gauges_read_timestamp_seconds{instance="b"}': "0+60x60",
            },
            {"bongsu_gauges_read_timestamp_seconds{}": "0x60"},
        ],
        "Bongsu's figures are old: alerts on Slack and pages may be blind",
    ),
)

KEEPING = (
    Case(
        "BongsuConfigInvalid",
        10,
        {'bongsu_config_valid{instance="a"}': "1x20", 'bongsu_config_valid{instance="b"}': "0x20"},
        [{"bongsu_config_valid{}": "1x20"}],
        "bongsu.yaml has a mistake, and is not in force",
    ),
    Case(
        "BongsuRetentionStopped",
        180,
        {
            'bongsu_retention_stopped{instance="a"}': "1x200",
            'bongsu_retention_last_run_timestamp_seconds{instance="a"}': "0x200",
        },
        [
            {
                'bongsu_retention_stopped{instance="a"}': "1x200",
                'bongsu_retention_last_run_timestamp_seconds{instance="b"}': "0+60x200",
            },
        ],
        "Old rows are not deleted: the archive fails",
    ),
    Case(
        "BongsuRetentionIdle",
        1500,
        {"bongsu_retention_last_run_timestamp_seconds{}": "60x1600"},
        [
            {"bongsu_retention_last_run_timestamp_seconds{}": "0x1600"},
            {"bongsu_retention_last_run_timestamp_seconds{}": "0+60x1600"},
        ],
        "Nothing old was deleted for 1d 0h 59m 0s",
    ),
    Case(
        "BongsuRollupsBehind",
        240,
        {"bongsu_rollups_counted_until_timestamp_seconds{}": "60x300"},
        [
            {"bongsu_rollups_counted_until_timestamp_seconds{}": "0x300"},
            {"bongsu_rollups_counted_until_timestamp_seconds{}": "0+60x300"},
        ],
        "Hourly sums are 3h 59m 0s behind: dashboards show too little",
    ),
    Case(
        "BongsuAuditForged",
        5,
        {"bongsu_audit_forged_entries{}": "1x10"},
        [{"bongsu_audit_forged_entries{}": "0x10"}],
        "Somebody has written into the audit log past Bongsu",
    ),
    Case(
        "BongsuAuditUnsealed",
        30,
        {"bongsu_audit_sealed_timestamp_seconds{}": "60x60"},
        [
            {"bongsu_audit_sealed_timestamp_seconds{}": "0+60x60"},
            {"bongsu_audit_sealed_timestamp_seconds{}": "0x60"},
        ],
        "The audit log is not sealed",
    ),
)

CASES = (*PROCESS, *INTAKE, *SLACK, *PAGING, *DATABASE, *KEEPING)
