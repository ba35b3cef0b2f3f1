"""*Incident management (SRE)*: how the service does, how fast people are, and what is open."""

from dashboards.build.panels import Board, Hidden, Kind, Panel, Row
from dashboards.build.queries import MYSQL, Sql
from dashboards.names import INCIDENTS_UID, SLACK_URL, TENANT

INCIDENT_MANAGEMENT = Board(
    uid=INCIDENTS_UID,
    title="Incident management (SRE)",
    description="Alerts, incidents, and how fast they are acknowledged and resolved.",
    file="incident-management.json",
    source=MYSQL,
    rows=[
        Row(
            "Now",
            [
                Panel(
                    "Open",
                    "Incidents that are not resolved, whenever they opened.",
                    Sql("SELECT COUNT(*) AS open FROM incidents WHERE status <> 'resolved'"),
                    Kind.STAT,
                )
            ],
        )
    ],
    variables=[Hidden(TENANT, "default"), Hidden(SLACK_URL, "https://slack.com")],
)
