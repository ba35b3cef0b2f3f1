"""The variables of dashboards about alerts and incidents: each offers what is in the data, below what was chosen.

A value is written as SQL wants it: Grafana's ``sqlstring`` doubles quotes, but leaves backslashes, which MySQL reads.
"""

from dashboards.build.panels import Choice, Hidden, Pick
from dashboards.build.sql import FIRST_DAY, PLACE, TENANT, UNTIL, chosen, named
from dashboards.names import SLACK_URL
from dashboards.names import TENANT as TENANT_VARIABLE

_RECENT = f"GREATEST({FIRST_DAY}, {UNTIL} - INTERVAL 31 DAY)"
"""A list that takes long to come is no help: of long ranges, the last month."""
_ESCAPED = r"REPLACE({0}, '\\', '\\\\')"


def _offered(name: str, above: tuple[str, ...]) -> str:
    narrowed = f" AND {chosen('d', above)}" if above else ""
    still_open = f" AND {chosen('i', above)}" if above else ""
    return f"""SELECT {named(f"found.{name}", "__text")},
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

_OFFSETS = (
    "-12:00", "-11:00", "-10:00", "-09:30", "-09:00", "-08:00", "-07:00", "-06:00", "-05:00", "-04:00", "-03:30",
    "-03:00", "-02:30", "-02:00", "-01:00", "+00:00", "+01:00", "+02:00", "+03:00", "+03:30", "+04:00", "+04:30",
    "+05:00", "+05:30", "+05:45", "+06:00", "+06:30", "+07:00", "+08:00", "+08:45", "+09:00", "+09:30", "+10:00",
    "+10:30", "+11:00", "+12:00", "+12:45", "+13:00", "+13:45", "+14:00",
)  # fmt: skip
"""All that are in use somewhere, in summer or in winter. https://data.iana.org/time-zones/tzdb/"""

ZONE = Pick(
    "utc_offset",
    "Hours in UTC",
    _OFFSETS,
    "+00:00",
    "Of hours and weekdays in the heatmap: fixed, without daylight saving. Days are UTC everywhere.",
)
