"""Files that an earlier export wrote, and this one does not."""

from collections.abc import Collection, Iterator
from pathlib import Path

from bongsu.grafana.provisioning import ALL, DASHBOARDS, MADE
from incidents.errors import InvalidInput


def take_away(directory: Path, written: Collection[str]) -> Iterator[str]:
    """Deletes those that are surely ours, and says of each what became of it. Raises InvalidInput."""
    dashboards = (f"{DASHBOARDS}/{path.name}" for path in sorted((directory / DASHBOARDS).glob("*.json")))
    for name in (*ALL, *dashboards):
        path = directory / name
        if name in written or not path.is_file():
            continue
        try:
            yield _taken_away(path)
        except OSError as error:
            raise InvalidInput("--provisioning", f"{path} can't be deleted ({error.strerror}): delete it") from error


def _taken_away(path: Path) -> str:
    """Dashboards can't say whose they are, and of files that people have written into, who knows?"""
    if path.suffix == ".json" or not path.read_text("utf-8", errors="replace").startswith(f"{MADE}\n"):
        return f"{path} is not written any more, but it may be yours: delete it if you don't need it"
    path.unlink()
    return f"{path} is deleted: it was written by an earlier run. What Grafana has read from it may stay in Grafana"
