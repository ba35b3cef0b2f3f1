"""What was answered to requests that must be done once."""

from sqlalchemy.exc import IntegrityError

from db.access_tables import idempotent_requests
from db.gate import Gate
from incidents.access.keeping import IDEMPOTENT_FOR, DoneRequest
from incidents.errors import Conflict

_TABLE = idempotent_requests


class DoneRequestQueries:
    """Implements ``incidents.access.keeping.DoneRequests``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def begin(self, key_id: int, idempotency_key: str, request_sha256: str) -> DoneRequest | None:
        this = _TABLE.c.api_key_id == key_id, _TABLE.c.idempotency_key == idempotency_key
        row = await self._gate.row(self._gate.select(_TABLE).where(*this))
        if row is not None and row["created_at"] > self._gate.now - IDEMPOTENT_FOR:
            return DoneRequest(row["request_sha256"], row["status"], row["body"], row["etag"])
        if row is not None:
            await self._gate.execute(self._gate.delete(_TABLE).where(*this))
        told = {"request_sha256": request_sha256, "status": 0, "body": "", "created_at": self._gate.now}
        try:
            await self._gate.insert_one(_TABLE, api_key_id=key_id, idempotency_key=idempotency_key, **told)
        except IntegrityError as error:
            raise Conflict("somebody has sent the same Idempotency-Key a moment earlier") from error
        return None

    async def end(self, key_id: int, idempotency_key: str, done: DoneRequest) -> None:
        this = _TABLE.c.api_key_id == key_id, _TABLE.c.idempotency_key == idempotency_key
        told = {"status": done.status, "body": done.body, "etag": done.etag}
        await self._gate.execute(self._gate.update(_TABLE).where(*this).values(**told))

    async def forget_old(self, *, limit: int) -> int:
        old = _TABLE.c.created_at <= self._gate.now - IDEMPOTENT_FOR
        some = self._gate.select(_TABLE, _TABLE.c.id).where(old).order_by(_TABLE.c.created_at).limit(limit)
        ids = [row["id"] for row in await self._gate.rows(some)]
        if ids:
            await self._gate.execute(self._gate.delete(_TABLE).where(_TABLE.c.id.in_(ids)))
        return len(ids)
