"""*Bongsu itself*: whether it takes alerts in, shows them in Slack and pages people; and if not, why."""

from dashboards.build.itself_asking import (
    BAD,
    DOUBTFUL,
    GOOD,
    NOTHING,
    SECONDS,
    greatest,
)
from dashboards.build.itself_inside import ASKED, DATABASE, JOBS, PROCESS
from dashboards.build.itself_outside import INTAKE, PAGING, SLACK
from dashboards.build.panels import Board, Choice, Kind, Panel, Row
from dashboards.build.queries import PROMETHEUS, Prom
from dashboards.names import ITSELF_UID

NOW = Row(
    "Now",
    [
        Panel(
            "Processes that can work",
            "Those whose /readyz says so, of those that Prometheus reaches. 0: alerts are refused.",
            [Prom("sum(bongsu_ready)", "ready", ref="A"), Prom("count(bongsu_build_info)", "there", ref="B")],
            Kind.STAT,
            width=5,
            steps={None: BAD, 1: GOOD},
            no_value="none is there",
        ),
        Panel(
            "Slack",
            "1: Slack refuses the token; for how long nothing has got through, after 5 minutes of that; channels that "
            "took no message last time. All 0 is well.",
            [
                greatest("bongsu_slack_locked_out", "token refused", ref="A"),
                Prom(
                    "max((time() - (bongsu_slack_away_since_timestamp_seconds > 0)) / 60) or vector(0)",
                    "minutes away",
                    ref="B",
                ),
                Prom("max(bongsu_slack_unusable_channels)", "channels", ref="C"),
            ],
            Kind.STAT,
            width=7,
            decimals=0,
            steps=NOTHING,
        ),
        Panel(
            "Oldest message that waits",
            "How long the oldest message that Slack must show is due. Seconds are normal, minutes are pace or trouble.",
            greatest("bongsu_outbox_age_seconds", "waits"),
            Kind.STAT,
            unit=SECONDS,
            width=4,
            steps={None: GOOD, 60: DOUBTFUL, 300: BAD},
        ),
        Panel(
            "Overdue steps",
            "Escalation steps that are more than 30 s late: people who should have been called by now.",
            greatest("bongsu_escalation_overdue", "overdue"),
            Kind.STAT,
            width=4,
            steps=NOTHING,
        ),
        Panel(
            "Settings in force",
            "1: bongsu.yaml is in force. 0: it has a mistake, and what it said before is.",
            Prom("min by (tenant) (bongsu_config_valid)", "in force {{tenant}}"),
            Kind.STAT,
            width=4,
            steps={None: BAD, 1: GOOD},
        ),
    ],
)

BONGSU_ITSELF = Board(
    uid=ITSELF_UID,
    title="Bongsu itself",
    description="Whether Bongsu takes alerts in, shows them in Slack and pages people; and if not, why. From /metrics.",
    file="bongsu-itself.json",
    source=PROMETHEUS,
    rows=[NOW, INTAKE, SLACK, PAGING, DATABASE, PROCESS, JOBS, ASKED],
    since="now-6h",
    variables=[Choice("instance", "Process", "label_values(bongsu_build_info, instance)")],
)
