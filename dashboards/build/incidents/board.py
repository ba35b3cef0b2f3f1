"""*Incident management (SRE)*: what is open, how the services do, how fast people are."""

from dashboards.build.filters import OF_WHOM, PLACES, ZONE
from dashboards.build.incidents.budget import BUDGET, BUDGET_VARIABLES
from dashboards.build.incidents.golden import GOLDEN
from dashboards.build.incidents.now import NOW, OPEN
from dashboards.build.incidents.people import PEOPLE
from dashboards.build.incidents.places import PLACES_ROW, SERVICES
from dashboards.build.panels import Board
from dashboards.build.queries import MYSQL
from dashboards.names import INCIDENTS_UID

INCIDENT_MANAGEMENT = Board(
    uid=INCIDENTS_UID,
    title="Incident management (SRE)",
    description=(
        "What is open, how the services do, and how fast people are. Figures of up to 25 hours are to the second; of "
        "longer ranges they are of whole days in UTC, at most two minutes old."
    ),
    file="incident-management.json",
    source=MYSQL,
    rows=[NOW, OPEN, GOLDEN, BUDGET, PEOPLE, SERVICES, PLACES_ROW],
    variables=[*OF_WHOM, *PLACES, *BUDGET_VARIABLES, ZONE],
)
