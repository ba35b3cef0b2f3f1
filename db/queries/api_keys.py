"""API keys. Their secrets are not in the database: what opens a door is told by its digest."""

from datetime import datetime

from sqlalchemy import or_, select

from db.access_tables import api_keys
from db.gate import Gate, Row
from incidents.access.errors import AlreadyRevoked, KeyNameTaken, KeyNotFound
from incidents.access.model import ApiKey, KeyRole, NewKey


class ApiKeyQueries:
    """Implements ``incidents.access.keeping.ApiKeys``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def add(self, key: NewKey, *, by: str) -> ApiKey:
        now = self._gate.now
        alive = or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now)
        same = self._gate.select(api_keys, api_keys.c.id, api_keys.c.digest).where(
            api_keys.c.name == key.name, api_keys.c.revoked_at.is_(None), alive
        )
        row = await self._gate.row(same.limit(1).with_for_update())
        if row is not None and row["digest"] == key.digest:
            return await self.get(row["id"])
        if row is not None:
            raise KeyNameTaken(key.name)
        told = {"name": key.name, "role": key.role.value, "digest": key.digest, "hint": key.hint}
        labels = dict(key.default_labels) or None
        made = {"created_at": now, "created_by": by, "expires_at": key.expires_at, "default_labels": labels}
        return await self.get(await self._gate.insert_one(api_keys, **told, **made))

    async def get(self, key_id: int) -> ApiKey:
        row = await self._gate.row(self._gate.select(api_keys).where(api_keys.c.id == key_id))
        if row is None:
            raise KeyNotFound(key_id)
        return _key(row)

    async def all(self) -> list[ApiKey]:
        statement = self._gate.select(api_keys).order_by(api_keys.c.id.desc())
        return [_key(row) for row in await self._gate.rows(statement)]

    async def page(self, *, before: int | None, limit: int) -> list[ApiKey]:
        statement = self._gate.select(api_keys).order_by(api_keys.c.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(api_keys.c.id < before)
        return [_key(row) for row in await self._gate.rows(statement)]

    async def named(self, name: str) -> list[ApiKey]:
        statement = self._gate.select(api_keys).where(api_keys.c.name == name).order_by(api_keys.c.id.desc())
        return [_key(row) for row in await self._gate.rows(statement)]

    async def revoke(self, key_id: int, *, by: str) -> ApiKey:
        one = api_keys.c.id == key_id
        row = await self._gate.row(self._gate.select(api_keys).where(one).with_for_update())
        if row is None:
            raise KeyNotFound(key_id)
        if row["revoked_at"] is not None:
            raise AlreadyRevoked(row["name"], row["revoked_at"])
        this = self._gate.update(api_keys).where(one)
        await self._gate.execute(this.values(revoked_at=self._gate.now, revoked_by=by))
        return await self.get(key_id)

    async def used(self, key_id: int, *, at: datetime) -> None:
        this = self._gate.update(api_keys).where(api_keys.c.id == key_id)
        later = or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at < at)
        await self._gate.execute(this.where(later).values(last_used_at=at))

    async def by_digest(self, digest: str) -> ApiKey | None:
        # The one question that is asked of all tenants: its answer says which one's it is.
        row = await self._gate.row(select(api_keys).where(api_keys.c.digest == digest))
        return None if row is None else _key(row)


def _key(row: Row) -> ApiKey:
    return ApiKey(
        id=row["id"],
        tenant_id=row["tenant_id"],
        name=row["name"],
        role=KeyRole(row["role"]),
        digest=row["digest"],
        hint=row["hint"],
        created_at=row["created_at"],
        created_by=row["created_by"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
        revoked_at=row["revoked_at"],
        revoked_by=row["revoked_by"],
        default_labels=row["default_labels"] or {},
    )
