"""Where an incident's first card stands in Slack; of one that is not there yet, no link.

Grafana makes a link of every cell of a column that has one, and of an empty address ``about:blank``. So what is
clicked is a text of its own, which is empty where there is no card.
"""

from dashboards.build.panels import Column
from dashboards.names import SLACK_URL

_ADDRESS = f"CONCAT(${{{SLACK_URL}:sqlstring}}, '/archives/', card.channel_id, '/p', REPLACE(card.ts, '.', ''))"

CARD = f"CASE WHEN card.id IS NULL THEN '' ELSE 'open' END AS card, COALESCE({_ADDRESS}, '') AS url"
"""What is shown of it, and where that leads; after ``card_of``."""

CARD_COLUMNS = {"card": Column(link="${__data.fields.url}", width=70, no_value=" "), "url": Column(hidden=True)}


def card_of(incident: str) -> str:
    """A join to the card of the incident with that alias."""
    return f"""LEFT JOIN outbox AS card ON card.id = (
  SELECT MIN(o.id) FROM outbox AS o
  WHERE o.tenant_id = {incident}.tenant_id AND o.incident_id = {incident}.id AND o.kind = 'card'
    AND o.ts IS NOT NULL AND o.channel_id IS NOT NULL
)"""
