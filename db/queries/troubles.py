"""What is wrong with schedules: a row for each trouble, as long as it lasts."""

from dataclasses import replace

from db.calendar_tables import schedule_troubles
from db.gate import Gate, Row
from incidents.schedules.trouble import Trouble, TroubleKind

_TABLE = schedule_troubles
_UNIQUE = ("tenant_id", "kind", "schedule", "about")


class TroubleQueries:
    """Implements ``incidents.schedules.keeping.Troubles``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def of(self, kind: TroubleKind) -> list[Trouble]:
        found = self._gate.select(_TABLE).where(_TABLE.c.kind == kind.value).order_by(_TABLE.c.id)
        return [_trouble(row) for row in await self._gate.rows(found)]

    async def get(self, trouble_id: int) -> Trouble | None:
        row = await self._gate.row(self._gate.select(_TABLE).where(_TABLE.c.id == trouble_id))
        return None if row is None else _trouble(row)

    async def begin(self, trouble: Trouble) -> Trouble:
        key = {"kind": trouble.kind.value, "schedule": trouble.schedule, "about": trouble.about}
        told = {"detail": trouble.detail, "since": self._gate.now}
        await self._gate.insert_many_or_keep(_TABLE, [{**key, **told}], unique=_UNIQUE)
        same = [_TABLE.c[name] == value for name, value in key.items()]
        number = await self._gate.scalar(self._gate.select(_TABLE, _TABLE.c.id).where(*same))
        return replace(trouble, id=int(number))

    async def change(self, trouble: Trouble) -> None:
        await self._gate.execute(
            self._gate.update(_TABLE).where(_TABLE.c.id == trouble.id).values(detail=trouble.detail)
        )

    async def end(self, trouble: Trouble) -> None:
        await self._gate.execute(self._gate.delete(_TABLE).where(_TABLE.c.id == trouble.id))


def _trouble(row: Row) -> Trouble:
    return Trouble(TroubleKind(row["kind"]), row["schedule"], row["about"], row["detail"], row["id"])
