"""``python -m dashboards.build``: write each dashboard's JSON and the alert rules anew."""

from pathlib import Path

from dashboards.build.alerting import for_grafana, for_prometheus
from dashboards.build.alerts import GROUPS
from dashboards.build.assembling import as_json, numbers
from dashboards.build.boards import BOARDS
from dashboards.build.bongsu_itself import BONGSU_ITSELF

FOLDER = Path(__file__).parents[1]


def files() -> dict[str, str]:
    """What each of them says, by its path below the package."""
    told = {board.file: as_json(board) for board in BOARDS}
    told["alerts/prometheus.yaml"] = for_prometheus(GROUPS)
    told["alerts/grafana.yaml"] = for_grafana(GROUPS, numbers(BONGSU_ITSELF))
    return told


def main() -> None:
    for path, text in files().items():
        (FOLDER / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
