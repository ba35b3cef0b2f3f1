"""Of what comes in, what Slack shows, and who is paged."""

from dashboards.build.alerting import CRITICAL, OF, WARNING, Alert, Group

INTAKE = Group(
    "bongsu-intake",
    [
        Alert(
            "BongsuWebhooksLost",
            CRITICAL,
            'sum by (source, status) (increase(bongsu_deliveries_total{status=~"unavailable|failed"}[10m])) > 0',
            "0m",
            "Webhooks of {{ $labels.source }} were not stored: {{ $labels.status }}",
            """Their sender was answered 503 (unavailable: the database was away for longer than 20 s, or too many
            waited) or 500 (failed: a mistake of Bongsu's, whose log has a traceback). Grafana sends them again only
            at its repeat interval: look in Grafana for what fires meanwhile.""",
            "Webhooks by what became of them",
        ),
        Alert(
            "BongsuWebhooksRefused",
            WARNING,
            "sum by (source, reason) (increase(bongsu_deliveries_refused_total[15m])) > 0",
            "0m",
            "Webhooks of {{ $labels.source }} are refused: {{ $labels.reason }}",
            """Their bodies are not what this address takes, so no incident opens for what they tell. They are kept:
            `bongsu replay` takes them in once that is mended. The log (action=delivery_rejected) says what is
            wrong.""",
            "Refused bodies by why",
        ),
        Alert(
            "BongsuWebhooksUnauthorised",
            WARNING,
            'sum by (source) (increase(bongsu_deliveries_total{status="unauthorised",source!="unknown"}[15m])) > 0',
            "0m",
            "Webhooks to /webhooks/{{ $labels.source }} have a wrong credential",
            """Whoever sends them is not let in, and nothing of them is kept. If a contact point's credential has
            expired or was changed, alerts are being lost: compare it with Bongsu's, and send a test from
            Grafana.""",
            "Webhooks by what became of them",
        ),
        Alert(
            "BongsuIntakeSlow",
            WARNING,
            "histogram_quantile(0.99, sum by (le) (rate(bongsu_webhook_commit_seconds_bucket[10m]))) > 5",
            "10m",
            "Webhooks take {{ $value | humanizeDuration }} until they are stored",
            """Grafana gives up after 30 s and Bongsu after 20 s, which loses alerts. Mostly the database is slow:
            see statements, the pool and the event loop, in this order.""",
            "From arrival to commit",
        ),
        Alert(
            "BongsuConnectionsRefused",
            WARNING,
            "sum by (reason) (increase(bongsu_connections_refused_total[10m])) > 0",
            "0m",
            "Connections to Bongsu find no room: {{ $labels.reason }}",
            """All BONGSU_MAX_CONNECTIONS are open and busy, or one peer has BONGSU_MAX_CONNECTIONS_PER_PEER. The log
            (action=connection_refused) names the peer. A proxy counts as one: then raise the second.""",
            "Files and connections",
        ),
        Alert(
            "BongsuAlertsHidden",
            WARNING,
            "sum by (source) (increase(bongsu_hidden_alerts_total[1h])) > 0",
            "0m",
            "{{ $labels.source }} cuts alerts off: nobody sees them",
            "More alerts fire together than the contact point sends. Set its `max alerts` to 0, which means all.",
            "Alerts by what became of them",
        ),
        Alert(
            "BongsuLimitReached",
            WARNING,
            "sum by (limit) (increase(bongsu_limited_total[15m])) > 0",
            "0m",
            "A limit of Bongsu's was reached: {{ $labels.limit }}",
            """Something has gone wild, mostly one rule: the log (action=limited) names it by rule_uid. Alerts are
            stored all the same; what is built on them does not grow further.""",
            "Left out by limits",
        ),
        Alert(
            "BongsuApiFails",
            WARNING,
            'sum by (operation) (increase(bongsu_api_requests_total{status=~"5.."}[15m])) > 3',
            "0m",
            "The REST API fails: {{ $labels.operation }}",
            """503: the database was away. 500: a mistake of Bongsu's, whose log (action=request_failed) has a
            traceback.""",
            "REST API by status",
        ),
    ],
)

SLACK = Group(
    "bongsu-slack",
    [
        Alert(
            "BongsuSlackLockedOut",
            CRITICAL,
            "max by (tenant) (bongsu_slack_locked_out) == 1",
            "1m",
            "Slack refuses Bongsu's token" + OF,
            """Nobody sees new incidents in Slack; all of them are stored and will be shown. Put a valid bot token
            into the file that SLACK_BOT_TOKEN_FILE names (it is read again), or restart with it. `bongsu incidents
            list` shows what is open meanwhile.""",
            "Slack",
        ),
        Alert(
            "BongsuSlackAway",
            CRITICAL,
            "max by (tenant) (bongsu_slack_away_since_timestamp_seconds) > 0",
            "0m",
            "Nothing gets through to Slack" + OF,
            """For five minutes no message was taken although some were due. See https://slack-status.com, then the
            way there (proxy, DNS). Nothing is lost; `bongsu incidents list` (with a key) shows what is open.""",
            "Slack",
        ),
        Alert(
            "BongsuOutboxLate",
            CRITICAL,
            """((max by (tenant) (bongsu_outbox_age_seconds) > 300)
            unless on (tenant) (max by (tenant) (bongsu_slack_away_since_timestamp_seconds) > 0))
            unless on (tenant) (max by (tenant) (bongsu_slack_locked_out) == 1)""",
            "2m",
            "A message has waited {{ $value | humanizeDuration }} to be shown in Slack" + OF,
            """Somebody may not know of an incident. Slack answers, so it is one of: calls limited (429s), one
            channel that takes nothing, or no process that publishes. The log (action=outbox_failed) says what Slack
            answered.""",
            "Oldest message that waits",
        ),
        Alert(
            "BongsuSlackRateLimited",
            WARNING,
            """sum(rate(bongsu_slack_calls_total{outcome="ratelimited"}[10m]))
            / sum(rate(bongsu_slack_calls_total[10m])) > 0.1""",
            "10m",
            "Slack answers {{ $value | humanizePercentage }} of calls with 429",
            """Messages come late, in the order of their weight. Either very much happens, or another app uses the
            same token. See which method it is.""",
            "Calls that Slack limited (429)",
        ),
        Alert(
            "BongsuChannelUnusable",
            WARNING,
            "max by (tenant) (bongsu_slack_unusable_channels) > 0",
            "5m",
            "A channel takes no messages of Bongsu's" + OF,
            """Its incidents are shown in the default channel. `bongsu doctor` names it: write /invite @Bongsu there,
            or correct the route in bongsu.yaml.""",
            "Slack",
        ),
        Alert(
            "BongsuPlainText",
            WARNING,
            "sum by (kind, tenant) (increase(bongsu_slack_plain_text_total[1h])) > 0",
            "0m",
            "Slack refuses how Bongsu draws a {{ $labels.kind }}: plain text is shown" + OF,
            """It is a mistake of Bongsu's. The log (action=outbox_plain_text) has what Slack said: please report
            it.""",
            "Calls that failed",
        ),
        Alert(
            "BongsuClicksLate",
            WARNING,
            "histogram_quantile(0.95, sum by (le) (rate(bongsu_slack_interaction_seconds_bucket[10m]))) > 2.5",
            "5m",
            "Clicks in Slack take {{ $value | humanizeDuration }}: people see errors",
            """Slack shows an error from 3 s on, though what was pressed is mostly done. See the event loop, then the
            database.""",
            "Clicks and commands",
        ),
    ],
)

PAGING = Group(
    "bongsu-paging",
    [
        Alert(
            "BongsuEscalationOverdue",
            CRITICAL,
            "max by (tenant) (bongsu_escalation_overdue) > 0",
            "2m",
            "Escalation steps are overdue ({{ $value }}): people are not paged" + OF,
            """No process does what is due. See whether one is ready, whether transactions run again and again, and
            what `bongsu doctor` says. `bongsu incidents list`, with a key, shows whom to call by hand.""",
            "Overdue steps",
        ),
        Alert(
            "BongsuPagesGivenUp",
            CRITICAL,
            "sum by (webhook, tenant) (increase(bongsu_webhook_gave_up_total[15m])) > 0",
            "0m",
            "A page by {{ $labels.webhook }} was given up" + OF,
            """Its receiver has not taken it after all tries, or refuses it for good: whoever relies on it does not
            know. The log (action=webhook_gave_up) says what it answered.""",
            "Outgoing webhooks by outcome",
        ),
        Alert(
            "BongsuPagesLate",
            CRITICAL,
            "max by (tenant) (bongsu_webhook_age_seconds) > 300",
            "2m",
            "A page by an outgoing webhook has waited {{ $value | humanizeDuration }}" + OF,
            """Its receiver does not answer, or answers with errors; Slack has the incident all the same. The log
            (action=webhook_later) says which one and why.""",
            "Outgoing webhooks that wait",
        ),
        Alert(
            "BongsuSwitchSilent",
            WARNING,
            """(max by (tenant, reason) (bongsu_heartbeat_withheld) == 1) and on (tenant)
            (time() - max by (tenant) (bongsu_heartbeat_last_success_timestamp_seconds) > 600)""",
            "2m",
            "Bongsu does not call its dead man's switch: {{ $labels.reason }}" + OF,
            """It keeps silent on purpose, so that whoever listens raises the alarm. steps_overdue and slack_waits
            have an alert of their own that says more; database: nothing can be written.""",
            "Dead man's switch",
        ),
    ],
)
