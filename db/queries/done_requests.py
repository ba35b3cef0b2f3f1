"""What was answered to requests that must be done once."""

from sqlalchemy.exc import IntegrityError

from db.access_tables import idempotent_requests
from db.gate import Gate
from incidents.access.keeping import IDEMPOTENT_FOR, DoneRequest
from incidents.errors import Conflict

_TABLE = idempotent_requests
_MOST_FORGOTTEN = 1000


class DoneRequestQueries:
    """Implements ``incidents.access.keeping.DoneRequests``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def find(self, key_id: int, idempotency_key: str) -> DoneRequest | None:
        statement = self._gate.select(_TABLE).where(
            _TABLE.c.api_key_id == key_id, _TABLE.c.idempotency_key == idempotency_key
        )
        row = await self._gate.row(statement)
        if row is None:
            return None
        if row["created_at"] <= self._gate.now - IDEMPOTENT_FOR:
            await self._gate.execute(self._gate.delete(_TABLE).where(_TABLE.c.id == row["id"]))
            return None
        return DoneRequest(row["request_sha256"], row["status"], row["body"], row["etag"])

    async def add(self, key_id: int, idempotency_key: str, done: DoneRequest) -> None:
        told = {"request_sha256": done.request_sha256, "status": done.status, "body": done.body, "etag": done.etag}
        which = {"api_key_id": key_id, "idempotency_key": idempotency_key, "created_at": self._gate.now}
        try:
            await self._gate.execute(self._gate.insert(_TABLE, **which, **told))
        except IntegrityError as error:
            raise Conflict("somebody sent the same Idempotency-Key at the same time") from error

    async def forget_old(self) -> int:
        old = _TABLE.c.created_at <= self._gate.now - IDEMPOTENT_FOR
        some = self._gate.select(_TABLE, _TABLE.c.id).where(old).order_by(_TABLE.c.created_at).limit(_MOST_FORGOTTEN)
        ids = [row["id"] for row in await self._gate.rows(some)]
        if ids:
            await self._gate.execute(self._gate.delete(_TABLE).where(_TABLE.c.id.in_(ids)))
        return len(ids)
