"""What a killed process has left in the archive's files is mended; what nobody understands is left alone."""

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from incidents.keeping import Json, StoredRow
from jobs.archive import Archive, ArchiveFailed

DAY = date(2026, 1, 31)
NAME = "alerts-2026-01-31.jsonl.gz"


def rows(*ids: int) -> dict[tuple[str, date], list[StoredRow]]:
    return {("alerts", DAY): [{"id": number, "labels": Json('{"a": 1.0}')} for number in ids]}


def ids_in(path: Path) -> list[int]:
    return [json.loads(line)["id"] for line in gzip.decompress(path.read_bytes()).splitlines()]


async def test_batches_are_appended_to_the_days_file(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "new")
    await archive.keep(rows(1, 2))
    await archive.keep(rows(3))
    await Archive(tmp_path / "new").keep(rows(4))
    assert ids_in(tmp_path / "new" / NAME) == [1, 2, 3, 4]
    assert (tmp_path / "new" / NAME).stat().st_mode & 0o077 == 0


async def test_each_kind_of_value_has_its_form(tmp_path: Path) -> None:
    row: StoredRow = {
        "text": 'a "b"\n', "none": None, "yes": True, "number": 2**70, "part": 0.1, "bytes": b"\xff",
        "at": datetime(2026, 1, 31, 1, 2, 3, 4, UTC), "json": Json('{"z":1,"a":1.50}'),
    }  # fmt: skip
    await Archive(tmp_path).keep({("alerts", DAY): [row]})
    [line] = gzip.decompress((tmp_path / NAME).read_bytes()).splitlines()
    assert line.decode() == (
        r'{"text":"a \"b\"\n","none":null,"yes":true,"number":1180591620717411303424,"part":0.1,'
        '"bytes":{"base64":"/w=="},"at":"2026-01-31T01:02:03.000004+00:00","json":{"z":1,"a":1.50}}'
    )


@pytest.mark.parametrize("left", [1, 9, 15, -1])
async def test_what_a_killed_process_had_begun_is_cut_off(tmp_path: Path, left: int) -> None:
    await Archive(tmp_path).keep(rows(1))
    path = tmp_path / NAME
    whole = path.read_bytes()
    path.write_bytes(whole + gzip.compress(b'{"id":99}\n' * 50)[:left])
    await Archive(tmp_path).keep(rows(2))
    assert ids_in(path) == [1, 2]


async def test_also_where_another_process_wrote_in_between(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    await archive.keep(rows(1))
    path = tmp_path / NAME
    path.write_bytes(path.read_bytes() + gzip.compress(b'{"id":2}\n') + gzip.compress(b'{"id":99}\n')[:12])
    await archive.keep(rows(3))
    assert ids_in(path) == [1, 2, 3]


async def test_a_damaged_file_is_left_as_it_is(tmp_path: Path) -> None:
    await Archive(tmp_path).keep(rows(1))
    path = tmp_path / NAME
    path.write_bytes(path.read_bytes() + bytes(100))
    damaged = path.read_bytes()
    with pytest.raises(ArchiveFailed, match="move it away"):
        await Archive(tmp_path).keep(rows(2))
    assert path.read_bytes() == damaged


async def test_a_disk_that_is_full_in_the_midst_leaves_no_half_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = Archive(tmp_path)
    await archive.keep(rows(1))

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ArchiveFailed, match="No space left on device"):
        await archive.keep(rows(2))
    monkeypatch.undo()
    await archive.keep(rows(3))
    assert ids_in(tmp_path / NAME) == [1, 3]


async def test_a_folder_whose_parent_is_missing_is_not_made(tmp_path: Path) -> None:
    """A disk that isn't mounted would otherwise be written beside."""
    with pytest.raises(ArchiveFailed, match="No such file"):
        await Archive(tmp_path / "missing" / "archive").keep(rows(1))
