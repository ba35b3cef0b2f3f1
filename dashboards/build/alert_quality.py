"""*Alert quality*: which rules ask for people in vain."""

from collections.abc import Mapping

from dashboards.build.cards import CARD, CARD_COLUMNS, card_of
from dashboards.build.daily_sql import COUNTED, FEWEST, OF_PLACE, OF_TENANT, OTHER, chosen, options, share
from dashboards.build.panels import Board, Choice, Column, Hidden, Kind, Panel, Row
from dashboards.build.queries import MYSQL, Sql
from dashboards.build.sql import named
from dashboards.names import QUALITY_UID, SLACK_URL, TENANT

SHARE, COUNT = Column(unit="percentunit", decimals=0), Column(unit="short", decimals=0)
DAY = Column(unit="dateTimeAsIso")
SEVERITIES = ("critical", "error", "warning", "info", "unknown")
MOST = 20
"""Rules or incidents in a table."""

_FEW = f"Of fewer than {FEWEST}, only their numbers are told."
_DAYS = "Whole days (UTC), the first and the last of the range too; counted up to two minutes ago."
_OCCURRENCE = "Episodes of an incident that follow each other within the reopen window are one occurrence."
_RULE = "COALESCE(NULLIF(MAX(rule_name), ''), rule_uid) AS rule"


def total(shown: str, some: str, all_: str) -> Sql:
    return Sql(f"""
        SELECT {share(some, all_)} AS `{shown}`, SUM({some}) AS n, SUM({all_}) AS `of`
        FROM daily_figures WHERE {COUNTED}
    """)


def by_rule(columns: Mapping[str, str], order: str, *, having: str = "1 = 1", most: int = MOST) -> Sql:
    """``columns``: by name, a sum of ``daily_rules``. Of equals, the first by its uid comes first."""
    told = ", ".join(f"{sql} AS `{name}`" for name, sql in columns.items())
    return Sql(f"""
        SELECT {_RULE}, {told}
        FROM daily_rules WHERE {COUNTED} AND rule_uid <> '{OTHER}'
        GROUP BY rule_uid HAVING {having} ORDER BY {order}, rule_uid LIMIT {most}
    """)


def each_day(columns: Mapping[str, str], table: str = "daily_figures") -> Sql:
    told = ", ".join(f"{sql} AS `{name}`" for name, sql in columns.items())
    return Sql(
        f"SELECT UNIX_TIMESTAMP(day) AS time, {told} FROM {table} WHERE {COUNTED} GROUP BY day ORDER BY day",
        series=True,
    )


def figure(title: str, description: str, shown: str, some: str, all_: str) -> Panel:
    return Panel(
        title,
        f"{description} {_OCCURRENCE} {_FEW} {_DAYS}",
        total(shown, some, all_),
        Kind.STAT,
        unit="percentunit",
        decimals=0,
        width=6,
        columns={"n": COUNT, "of": COUNT},
    )


NEVER = f"SUM(occurrences) >= {FEWEST} AND SUM(acted_on) = 0 AND SUM(acted_on IS NULL) = 0"
"""A day that was counted before actions were is not known to be without any."""

AT_A_GLANCE = Row(
    "All rules together",
    [
        figure("Marked as noise", "Of the occurrences that ended, those that people say were noise; undoing it takes "
               "that back. Merged ones are left out.", "noise", "noise", "ended"),
        figure("Recovered before anybody did anything", "Of the occurrences that recovered, those that nobody had "
               "acknowledged, been assigned or closed before, and that had no owner from their beginning.",
               "untouched", "recovered_untouched", "recovered"),
        figure("False recoveries", "Of the recoveries, episode by episode, those that were none: it fired again, or "
               "somebody reopened it, within the reopen window.", "false", "false_recoveries", "recoveries_told"),
        figure("Stale", "Of the occurrences that ended, those of which nothing was heard any more, so that nobody "
               "knows when they ended.", "stale", "stale", "ended"),
        Panel(
            "Alerts per incident",
            "Alerts that were received, for each occurrence that opened on the same days. Re-sends are alerts, too. "
            f"{_OCCURRENCE} {_DAYS}",
            Sql(f"""
                SELECT CASE WHEN SUM(opened) > 0 THEN SUM(alerts) / SUM(opened) END AS `alerts each`,
                    SUM(alerts) AS alerts, SUM(opened) AS incidents
                FROM daily_figures WHERE {COUNTED}
            """),
            Kind.STAT,
            decimals=1,
            columns={"alerts": COUNT, "incidents": COUNT},
        ),
        Panel(
            "Rules that nobody acts on",
            f"Of the rules of which at least {FEWEST} occurrences opened, those of which not one was ever acted on: "
            f"acknowledged, assigned, closed, merged or marked by a person, or owned from its beginning. {_DAYS}",
            Sql(f"""
                SELECT CASE WHEN COUNT(*) >= {FEWEST} THEN SUM(never) / COUNT(*) END AS `never`,
                    SUM(never) AS n, CASE WHEN COUNT(*) > 0 THEN COUNT(*) END AS `of`
                FROM (
                    SELECT {NEVER} AS never FROM daily_rules WHERE {COUNTED} AND rule_uid <> '{OTHER}'
                    GROUP BY rule_uid HAVING SUM(occurrences) >= {FEWEST}
                ) AS rules
            """),
            Kind.STAT,
            unit="percentunit",
            decimals=0,
            columns={"n": COUNT, "of": COUNT},
        ),
        Panel(
            "Shares by day",
            "The first, second and third share of this row for each day (UTC), by the same definitions. A day with "
            f"fewer than {FEWEST} of them has none.",
            each_day({
                "noise": share("noise", "ended"),
                "untouched": share("recovered_untouched", "recovered"),
                "false recoveries": share("false_recoveries", "recoveries_told"),
            }),
            Kind.LINES,
            unit="percentunit",
            width=12,
            height=8,
            least=0,
            most=1,
        ),
    ],
)  # fmt: skip

NOISIEST = Row(
    "Noisiest rules",
    [
        Panel(
            "By incidents",
            "Rules by how many occurrences of them opened, noise and merged ones included, since each has asked for "
            f"somebody. Acted on: the share of these that people did anything about. {_OCCURRENCE} {_FEW} {_DAYS}",
            by_rule(
                {
                    "incidents": "SUM(occurrences)",
                    "of all": "SUM(occurrences) / NULLIF(SUM(SUM(occurrences)) OVER (), 0)",
                    "alerts": "SUM(alerts)",
                    "acted on": share("acted_on", "occurrences"),
                    "last opened": "MAX(CASE WHEN occurrences > 0 THEN day END)",
                },
                "SUM(occurrences) DESC, SUM(alerts) DESC",
                having="SUM(occurrences) > 0",
            ),
            Kind.TABLE,
            width=14,
            height=9,
            columns={"of all": SHARE, "acted on": SHARE, "last opened": DAY},
        ),
        Panel(
            "By alerts",
            "Rules by how many alerts of them were received, whether or not these opened anything. Declared incidents "
            f"have no rule. {_DAYS}",
            by_rule({"alerts": "SUM(alerts)"}, "SUM(alerts) DESC", having="SUM(alerts) > 0", most=10),
            Kind.RANKED,
            width=10,
            height=9,
        ),
        Panel(
            "The five noisiest, by day",
            "Occurrences that opened, day by day (UTC), of the five rules of which the most opened in the range. "
            f"{_OCCURRENCE}",
            Sql(
                f"""
                SELECT UNIX_TIMESTAMP(day) AS time, COALESCE(NULLIF(MAX(rule_name), ''), rule_uid) AS metric,
                    SUM(occurrences) AS incidents
                FROM daily_rules
                WHERE {COUNTED} AND rule_uid IN (
                    SELECT rule_uid FROM (
                        SELECT rule_uid FROM daily_rules WHERE {COUNTED} AND rule_uid <> '{OTHER}'
                        GROUP BY rule_uid HAVING SUM(occurrences) > 0 ORDER BY SUM(occurrences) DESC, rule_uid LIMIT 5
                    ) AS top
                )
                GROUP BY day, rule_uid HAVING SUM(occurrences) > 0 ORDER BY day, metric
                """,
                series=True,
            ),
            Kind.BARS,
            width=24,
            height=8,
        ),
    ],
)

NEVER_ACTED_ON = Row(
    "Never acted on",
    [
        Panel(
            "Rules to mend or to delete",
            f"Rules of which at least {FEWEST} occurrences opened, and of which not one was ever acted on: "
            "acknowledged, assigned, closed, merged or marked by a person, or owned from its beginning. "
            f"{_OCCURRENCE} {_DAYS}",
            by_rule(
                {
                    "incidents": "SUM(occurrences)",
                    "alerts": "SUM(alerts)",
                    "stale": "SUM(stale)",
                    "last opened": "MAX(CASE WHEN occurrences > 0 THEN day END)",
                },
                "SUM(occurrences) DESC",
                having=NEVER,
            ),
            Kind.TABLE,
            width=24,
            height=8,
            columns={"last opened": DAY},
        ),
    ],
)

FLAPPING = Row(
    "Flapping and false recoveries",
    [
        Panel(
            "Rules that come and go",
            "Flapped: how often an incident of the rule was found to flap, which is from the third episode within an "
            "hour on. False recoveries: of its recoveries, those after which it fired again, or was reopened, within "
            f"the reopen window. {_FEW} {_DAYS}",
            by_rule(
                {
                    "flapped": "SUM(flapping)",
                    "false recoveries": "SUM(false_recoveries)",
                    "of recoveries": "SUM(recoveries_told)",
                    "share": share("false_recoveries", "recoveries_told"),
                    "incidents": "SUM(occurrences)",
                },
                "SUM(flapping) DESC, SUM(false_recoveries) DESC",
                having="SUM(flapping) > 0 OR SUM(false_recoveries) > 0",
            ),
            Kind.TABLE,
            width=14,
            height=8,
            columns={"share": SHARE},
        ),
    ],
)


def open_now(columns: str, condition: str, order: str) -> Sql:
    """Incidents that are open, whenever they opened, with their first card. ``order``: a column, and which way."""
    return Sql(f"""
        SELECT CONCAT('INC-', found.number) AS incident, {CARD}, found.title, found.severity,
            {named("found.service", "service")}, {columns}
        FROM (
            SELECT id, tenant_id, number, title, severity, service, episode, assignee, acknowledged_by, last_alert_time
            FROM incidents
            WHERE {OF_TENANT} AND status IN ('active', 'acknowledged') AND {OF_PLACE} AND {condition}
            ORDER BY {order}, id LIMIT {MOST}
        ) AS found
        {card_of("found")}
        ORDER BY found.{order}, found.id
    """)


FLAPPING_NOW = Panel(
    "Flapping now",
    "Open incidents that flap: they page nobody unless their severity rises, and recover only after 15 quiet minutes. "
    "Whenever they opened; the newest first.",
    open_now(
        "found.episode AS episodes, found.last_alert_time AS `last alert`", "flapping = 1", "last_alert_time DESC"
    ),
    Kind.TABLE,
    width=10,
    height=8,
    columns={**CARD_COLUMNS, "last alert": DAY},
)

MARKS = Row(
    "Marks: noise and real",
    [
        Panel(
            "Rules that people call noise",
            "How often somebody marked an incident of the rule as noise, and as real after all, counted for the day of "
            f"the mark; beside it, how many occurrences of it opened. {_DAYS}",
            by_rule(
                {
                    "noise": "SUM(marked_noise)",
                    "real": "SUM(marked_real)",
                    "incidents": "SUM(occurrences)",
                    "alerts": "SUM(alerts)",
                },
                "SUM(marked_noise) DESC, SUM(marked_real) DESC",
                having="SUM(marked_noise) > 0 OR SUM(marked_real) > 0",
            ),
            Kind.TABLE,
            width=12,
            height=8,
        ),
        Panel(
            "Marks by day",
            "How often people marked an incident as noise, and as real after all, on each day (UTC). A mark that was "
            "taken back the same day counts in both.",
            each_day({"noise": "SUM(marked_noise)", "real": "SUM(marked_real)"}, "daily_rules"),
            Kind.BARS,
            width=12,
            height=8,
        ),
    ],
)

STALE = Row(
    "Stale",
    [
        Panel(
            "Rules that fall silent",
            "Of the occurrences of the rule that ended, those that ended as stale: nothing was heard of them for twice "
            f"the source's repeat interval, so that nobody knows when they ended. {_FEW} {_DAYS}",
            by_rule(
                {"stale": "SUM(stale)", "of ended": "SUM(ended)", "share": share("stale", "ended")},
                "SUM(stale) DESC",
                having="SUM(stale) > 0",
            ),
            Kind.TABLE,
            width=10,
            height=8,
            columns={"share": SHARE},
        ),
        Panel(
            "Open, and silent for longest",
            "Open incidents, the one whose last alert is oldest first; whenever they opened. Beyond twice the source's "
            "repeat interval their owner is asked, and below critical they are closed as stale.",
            open_now(
                "COALESCE(found.assignee, found.acknowledged_by) AS `who has it`, "
                "found.last_alert_time AS `last alert`, "
                "TIMESTAMPDIFF(SECOND, found.last_alert_time, UTC_TIMESTAMP()) AS silent",
                "1 = 1",
                "last_alert_time",
            ),
            Kind.TABLE,
            width=14,
            height=8,
            columns={**CARD_COLUMNS, "last alert": DAY, "silent": Column(unit="s")},
        ),
    ],
)

ALERT_QUALITY = Board(
    uid=QUALITY_UID,
    title="Alert quality",
    description="Which rules ask for people in vain: the noisiest, those that flap, those that nobody acts on.",
    file="alert-quality.json",
    source=MYSQL,
    rows=[
        AT_A_GLANCE,
        NOISIEST,
        NEVER_ACTED_ON,
        Row(FLAPPING.title, [*FLAPPING.panels, FLAPPING_NOW]),
        MARKS,
        STALE,
    ],
    variables=[
        Choice("cluster", "Cluster", options("cluster", "cluster")),
        Choice("service", "Service", options("service", "service,cluster", chosen("cluster"))),
        Choice("severity", "Severity", values=SEVERITIES),
        Hidden(TENANT, "default"),
        Hidden(SLACK_URL, "https://slack.com"),
    ],
    since="now-30d",
    refresh="5m",
)
