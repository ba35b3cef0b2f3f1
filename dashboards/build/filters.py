"""The variables of dashboards about alerts and incidents: each offers what is in the data, below what was chosen.

A value is written as SQL wants it: Grafana's ``sqlstring`` doubles quotes, but leaves backslashes, which MySQL reads.
"""

from dashboards.build.panels import Choice, Hidden, Pick
from dashboards.build.sql import FIRST_DAY, PLACE, TENANT, UNTIL, chosen
from dashboards.names import SLACK_URL
from dashboards.names import TENANT as TENANT_VARIABLE

_RECENT = f"GREATEST({FIRST_DAY}, {UNTIL} - INTERVAL 31 DAY)"
"""A list that takes long to come is no help: of long ranges, the last month."""
_ESCAPED = r"REPLACE({0}, '\\', '\\\\')"


def _offered(name: str, above: tuple[str, ...]) -> str:
    narrowed = f" AND {chosen('d', above)}" if above else ""
    still_open = f" AND {chosen('i', above)}" if above else ""
    return f"""SELECT CASE WHEN found.{name} = '' THEN '(none)' ELSE found.{name} END AS __text,
  {_ESCAPED.format("found." + name)} AS __value
FROM (
  SELECT {name} FROM daily_places AS d
  WHERE tenant_id = {TENANT} AND day >= {_RECENT} AND day < {UNTIL}{narrowed}
  UNION
  SELECT {name} FROM incidents AS i
  WHERE tenant_id = {TENANT} AND status IN ('active', 'acknowledged'){still_open}
) AS found
ORDER BY 1"""


CLUSTER, NAMESPACE, SERVICE, PHASE = (
    Choice(name, name.capitalize(), _offered(name, PLACE[:n])) for n, name in enumerate(PLACE)
)
SEVERITY = Choice("severity", "Severity", _offered("severity", PLACE))
STATUS = Choice("status", "Status (open incidents)", values=("active", "acknowledged"))

PLACES = (CLUSTER, NAMESPACE, SERVICE, PHASE, SEVERITY, STATUS)

OF_WHOM = (
    Hidden(TENANT_VARIABLE, "default"),
    Hidden(SLACK_URL, "https://slack.com"),
    Hidden("reopen_minutes", "10"),
)

ZONE = Pick(
    "utc_offset",
    "Hours in UTC",
    ("-08:00", "-05:00", "+00:00", "+01:00", "+02:00", "+03:00", "+05:30", "+08:00", "+09:00", "+10:00"),
    "+00:00",
    "The zone of hours and weekdays in the heatmap. Days are UTC everywhere.",
)
