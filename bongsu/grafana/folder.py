"""The folder in which dashboards and alert rules stand."""

from bongsu.grafana.client import Grafana
from bongsu.grafana.difference import difference
from bongsu.grafana.step import Outcome, Step
from bongsu.grafana.wanted import FOLDER_TITLE, FOLDER_UID


def look(grafana: Grafana) -> Step:
    """One that was given another name, or was moved, stays as it is."""
    wanted = {"uid": FOLDER_UID, "title": FOLDER_TITLE}
    if grafana.get(f"/api/folders/{FOLDER_UID}") is not None:
        return Step(Outcome.SAME)

    def write() -> str:
        grafana.post("/api/folders", wanted)
        return ""

    return Step(Outcome.CREATE, diff=difference(None, wanted), write=write)
