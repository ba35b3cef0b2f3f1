"""``python -m tests.screenshots.dashboard``: *Incident management (SRE)*, for docs/how-to/dashboards.md.

From the same JSON and the same queries, on a MariaDB with a made-up month. Look at it after taking it.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from matplotlib.figure import Figure

from dashboards.build.incidents.board import INCIDENT_MANAGEMENT
from dashboards.build.queries import Sql
from db.engine import connect
from db.migrate import migrate
from tests.grafana_reader import Grafana, dashboards, let_read
from tests.grafana_sql import Span, Values, expand
from tests.integration.dashboards.seeds import seed
from tests.mariadb import MariaDB, Server
from tests.screenshots.a_busy_past import busy_past
from tests.screenshots.drawing_panels import Shown, draw

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "dashboard.png"
SINCE = timedelta(days=14)
CHOSEN: dict[str, Values] = {"sli": ["checkout-5xx", "payment-declines"], "target": "99"}
_DATABASE = "shop"


async def main(picture: Path) -> None:
    now = datetime.now(UTC)
    with MariaDB() as server:
        await _fill(server, now)
        async with Grafana.of(server, _DATABASE) as grafana:
            shown = await _asked(grafana, Span(now - SINCE, now))
    figure = draw(dashboards()[INCIDENT_MANAGEMENT.file], shown)
    _save(figure, picture)


async def _fill(server: Server, now: datetime) -> None:
    engines = connect(await asyncio.to_thread(server.create_database, _DATABASE))
    try:
        await migrate(engines)
    finally:
        await engines.dispose()
    begin, seeds = busy_past(now)
    await seed(server.url(_DATABASE), begin, seeds)
    await asyncio.to_thread(let_read, server, _DATABASE)


async def _asked(grafana: Grafana, span: Span) -> dict[str, Shown]:
    """By the panel's title."""
    dashboard = dashboards()[INCIDENT_MANAGEMENT.file]
    chosen = await grafana.opened(dashboard, span, **CHOSEN)
    shown = {}
    for panel in INCIDENT_MANAGEMENT.panels:
        [query] = panel.queries
        assert isinstance(query, Sql)
        answer = await grafana.ask(expand(query.text, chosen, span).sql)
        shown[panel.title] = Shown(panel, answer)
    return shown


def _save(figure: Figure, picture: Path) -> None:
    figure.savefig(picture, format="png", facecolor=figure.get_facecolor(), pil_kwargs={"optimize": True})


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE))
