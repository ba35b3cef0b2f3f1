"""What is open, right now, whatever the time range says."""

from dashboards.build.cards import CARD, CARD_COLUMNS, card_of
from dashboards.build.incidents.colours import SEVERITY, STATUS
from dashboards.build.panels import Column, Kind, Panel, Row
from dashboards.build.queries import Sql
from dashboards.build.sql import TENANT, WHERE, chosen, named

_STATUS = (*WHERE, "status")
_OPEN = f"""tenant_id = {TENANT} AND i.status IN ('active', 'acknowledged') AND i.kind <> 'test'
  AND {chosen("i", _STATUS)}"""
_WORDS = "Of what is open now, whenever it opened, whatever the time range; by all variables. Tests are left out."

NOW = Row(
    "Now",
    [
        Panel(
            "Open",
            f"Saturation: incidents that are not resolved. {_WORDS}",
            Sql(f"SELECT COUNT(*) AS `open` FROM incidents AS i WHERE {_OPEN}"),
            Kind.STAT,
            width=4,
            steps={None: "green", 1: "yellow", 20: "red"},
        ),
        Panel(
            "Unacknowledged",
            f"Saturation: incidents that nobody has acknowledged and that are not snoozed. {_WORDS}",
            Sql(f"""
                SELECT COUNT(*) AS unacknowledged FROM incidents AS i
                WHERE {_OPEN} AND i.status = 'active'
                  AND (i.snoozed_until IS NULL OR i.snoozed_until <= UTC_TIMESTAMP(6))
            """),
            Kind.STAT,
            width=4,
            steps={None: "green", 1: "orange", 5: "red"},
        ),
        Panel(
            "Critical",
            f"Open incidents of severity critical, as it is now. {_WORDS}",
            Sql(f"SELECT COUNT(*) AS critical FROM incidents AS i WHERE {_OPEN} AND i.severity = 'critical'"),
            Kind.STAT,
            width=4,
            steps={None: "green", 1: "red"},
        ),
        Panel(
            "Oldest unacknowledged",
            "How long ago the first one opened of those that nobody has acknowledged and that are not snoozed. "
            f"{_WORDS}",
            Sql(f"""
                SELECT TIMESTAMPDIFF(SECOND, MIN(i.created_at), UTC_TIMESTAMP(6)) AS age FROM incidents AS i
                WHERE {_OPEN} AND i.status = 'active'
                  AND (i.snoozed_until IS NULL OR i.snoozed_until <= UTC_TIMESTAMP(6))
            """),
            Kind.STAT,
            unit="s",
            width=4,
            steps={None: "green", 300: "orange", 900: "red"},
            no_value="none",
        ),
        Panel(
            "Slack is behind by",
            "Saturation: how long the oldest message has been due that Slack has not been sent (outbox age). Some "
            "seconds are its pace; minutes mean that Slack is away, refuses, or is being told of a storm. Of all "
            "places.",
            Sql(f"""
                SELECT TIMESTAMPDIFF(SECOND, MIN(due_at), UTC_TIMESTAMP(6)) AS behind FROM outbox
                WHERE tenant_id = {TENANT} AND due_at <= UTC_TIMESTAMP(6)
            """),
            Kind.STAT,
            unit="s",
            width=4,
            steps={None: "green", 30: "orange", 120: "red"},
            no_value="nothing waits",
        ),
        Panel(
            "Last alert",
            "How long ago the last alert was received, of all places. Long silence means that all is well, or that "
            "alerts don't arrive: a heartbeat tells the two apart.",
            Sql(f"""
                SELECT TIMESTAMPDIFF(SECOND, MAX(received_at), UTC_TIMESTAMP(6)) AS ago FROM alerts
                WHERE tenant_id = {TENANT}
            """),
            Kind.STAT,
            unit="s",
            width=4,
        ),
    ],
)

_RANK = "FIELD({}, 'critical', 'error', 'warning', 'info', 'unknown')"
_LIST = f"""
SELECT CONCAT('INC-', i.number) AS incident, {CARD}, i.severity, i.status, i.title,
  {", ".join(named(f"i.{part}", part) for part in ("service", "cluster", "namespace", "phase"))},
  TIMESTAMPDIFF(SECOND, i.start_time, UTC_TIMESTAMP(6)) AS `open for`, i.assignee AS owner,
  i.alert_count AS alerts,
  CASE WHEN i.flapping = 1 THEN 'yes' ELSE '' END AS flapping
FROM (
  SELECT id, tenant_id, number, {", ".join(WHERE)}, status, title, start_time, assignee, alert_count, flapping
  FROM incidents AS i WHERE {_OPEN}
  ORDER BY {_RANK.format("i.severity")}, i.start_time LIMIT 200
) AS i
{card_of("i")}
ORDER BY {_RANK.format("i.severity")}, i.start_time
"""
OPEN = Row(
    "Open incidents",
    [
        Panel(
            "Open incidents",
            "The gravest first, then the longest open; 200 at most. Card opens it in Slack, and is empty until Slack "
            f"has it. Open for: since its earliest alert began to fire. {_WORDS}",
            Sql(_LIST),
            Kind.TABLE,
            width=24,
            height=7,
            columns={
                "incident": Column(width=100),
                **CARD_COLUMNS,
                "severity": SEVERITY,
                "status": STATUS,
                "open for": Column(unit="s", width=110),
                "owner": Column(no_value=" "),
                "flapping": Column(no_value=" "),
            },
            no_value="nothing is open",
        )
    ],
)
