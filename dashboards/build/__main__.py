"""``python -m dashboards.build``: write each dashboard's JSON anew."""

from pathlib import Path

from dashboards.build.assembling import as_json
from dashboards.build.boards import BOARDS

FOLDER = Path(__file__).parents[1]


def main() -> None:
    for board in BOARDS:
        (FOLDER / board.file).write_text(as_json(board), encoding="utf-8")


if __name__ == "__main__":
    main()
