"""The rows of *Bongsu itself* on what comes in, what goes to Slack, and who is called."""

from dashboards.build.itself_asking import (
    BAD,
    GOOD,
    HERE,
    RATE,
    SECONDS,
    a_minute,
    bars,
    greatest,
    lines,
    quantile,
    since,
    three_quantiles,
)
from dashboards.build.panels import Row
from dashboards.build.queries import Prom

INTAKE = Row(
    "In: from webhook to commit",
    [
        bars(
            "Webhooks by what became of them",
            "Requests a minute. unavailable and failed were not stored; rejected are kept and can be replayed.",
            a_minute("bongsu_deliveries_total", "status"),
            width=8,
        ),
        bars(
            "Alerts by what became of them",
            "Stored alerts a minute: opened an incident, joined one, were sent again, ended one.",
            a_minute("bongsu_alerts_total", "reason"),
            width=8,
        ),
        lines(
            "From arrival to commit",
            "From a webhook's headers to its commit, which is when its sender is answered. Grafana waits for 30 s.",
            three_quantiles("bongsu_webhook_commit_seconds"),
            unit=SECONDS,
            width=8,
        ),
        bars(
            "Refused bodies by why",
            "Webhooks a minute that were let in and whose body is not what the address takes.",
            a_minute("bongsu_deliveries_refused_total", "reason"),
        ),
        lines(
            "Held requests",
            "Webhooks that wait for their commit right now. Many, and for long: the database is slow or away.",
            Prom(f"sum by (instance) (bongsu_held_requests{{{HERE}}})", "{{instance}}"),
        ),
        lines(
            "Alerts in one commit",
            "How many were committed together on average: it grows under load, which is what makes it fast.",
            Prom(
                f"sum(rate(bongsu_commit_alerts_sum{{{HERE}}}[{RATE}]))"
                f" / sum(rate(bongsu_commit_alerts_count{{{HERE}}}[{RATE}]))",
                "mean",
            ),
        ),
        bars(
            "Left out by limits",
            "What limits have kept from growing, and alerts that their sender has cut off, each a minute.",
            [
                a_minute("bongsu_limited_total", "limit"),
                Prom(f"sum(rate(bongsu_hidden_alerts_total{{{HERE}}}[{RATE}])) * 60", "cut off by sender", ref="B"),
            ],
        ),
    ],
)

SLACK = Row(
    "Out: Slack",
    [
        lines(
            "Messages that Slack does not show yet",
            "The outbox. A storm fills it for minutes: one message a second and channel is Slack's pace.",
            greatest("bongsu_outbox_depth", "messages"),
        ),
        lines(
            "From wanted to shown (p99)",
            "From the moment a message was first wanted to the moment Slack had it, by kind.",
            quantile(0.99, "bongsu_outbox_delay_seconds", "kind"),
            unit=SECONDS,
        ),
        bars(
            "Calls to Slack",
            "Calls a minute by method, answered or not: Slack allows a number of each.",
            a_minute("bongsu_slack_calls_total", "method"),
        ),
        lines(
            "How long Slack takes (p99)",
            "Until it answers a call, 99 % of them, by method. Posts come first, so a slow one delays the rest.",
            quantile(0.99, "bongsu_slack_call_seconds", "method"),
            unit=SECONDS,
        ),
        bars(
            "Calls that Slack limited (429)",
            "Calls a minute that it told to come later, by method. They do, to the second.",
            a_minute("bongsu_slack_calls_total", "method", 'outcome="ratelimited"'),
        ),
        bars(
            "Calls that failed",
            "Calls a minute by Slack's error, or what became of the connection.",
            a_minute("bongsu_slack_calls_total", "outcome", 'outcome!~"ok|ratelimited"'),
        ),
        lines(
            "Clicks and commands",
            "Until they are acknowledged, 95 % of them, by kind. From 3 s on Slack shows people an error.",
            quantile(0.95, "bongsu_slack_interaction_seconds", "kind"),
            unit=SECONDS,
            steps={None: GOOD, 2.5: BAD},
        ),
        bars(
            "What became of clicks and commands",
            "A minute: done, or why not. forbidden: a role was missing; older_version: it has changed meanwhile.",
            a_minute("bongsu_slack_interactions_total", "outcome"),
        ),
    ],
)

PAGING = Row(
    "Who is called",
    [
        lines(
            "How late the oldest step is",
            "Of the overdue escalation steps. 0: none is.",
            greatest("bongsu_escalation_overdue_seconds", "late"),
            unit=SECONDS,
        ),
        bars(
            "Outgoing webhooks by outcome",
            "Calls a minute. done is well; dropped was not wanted any more.",
            a_minute("bongsu_webhook_calls_total", "outcome"),
        ),
        lines(
            "Outgoing webhooks that wait",
            "How many calls no receiver has taken yet, and how long the oldest is due.",
            [
                greatest("bongsu_webhook_depth", "calls"),
                greatest("bongsu_webhook_age_seconds", "oldest, in seconds", ref="B"),
            ],
        ),
        lines(
            "Dead man's switch",
            "How long ago it was called and answered, and heartbeats of others whose silence was told.",
            [
                since("bongsu_heartbeat_last_success_timestamp_seconds", "seconds since called"),
                greatest("bongsu_heartbeats_silent", "silent heartbeats", ref="B"),
            ],
        ),
    ],
)
