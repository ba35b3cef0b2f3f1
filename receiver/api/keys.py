"""API keys: listed, made and revoked. Only keys of the role admin may."""

from incidents.access.making import WantedKey, make_key, revoke_key
from incidents.access.model import Scope, new_secret
from incidents.ports import UnitOfWork
from incidents.roles import Role
from receiver.api.call import Answer, Call
from receiver.api.models.key import KeyPath, KeyShape, KeysQuery, MadeKeyShape, NewKeyShape
from receiver.api.operation import Operation
from receiver.api.organisation import Organisations
from receiver.api.paging import cut
from receiver.api.shapes import Listing


async def _list(call: Call, uow: UnitOfWork) -> Answer:
    limit = call.query(KeysQuery).limit
    keys = await uow.api_keys.page(before=call.position(), limit=limit + 1)
    shown, more = cut(call, keys, at=lambda key: key.id)
    return Answer(Listing[KeyShape](items=[KeyShape.of(key) for key in shown], next_cursor=more))


async def _get(call: Call, uow: UnitOfWork) -> Answer:
    return Answer(KeyShape.of(await uow.api_keys.get(call.path(KeyPath).key)))


async def _create(call: Call, uow: UnitOfWork) -> Answer:
    """What is remembered for an Idempotency-Key has no secret."""
    told, secret = call.body(NewKeyShape), new_secret()
    wanted = WantedKey(told.name, told.role, told.expires_at, told.default_labels.told)
    key = await make_key(wanted, secret, by=call.by, uow=uow, maker=call.key.role)
    return Answer(MadeKeyShape.made(key, secret), remembered=MadeKeyShape.made(key, None))


async def _revoke(call: Call, uow: UnitOfWork) -> Answer:
    return Answer(KeyShape.of(await revoke_key(call.path(KeyPath).key, by=call.by, uow=uow)))


async def _forget(call: Call, organisations: Organisations) -> None:
    organisations.forget_key(call.path(KeyPath).key)


_EXAMPLE = {"name": "grafana-prod", "role": "ingest", "default_labels": {"cluster": "prod"}}

OPERATIONS = (
    Operation(
        method="GET",
        path="/keys",
        name="list_keys",
        summary="All API keys",
        description="Newest first, revoked and expired ones among them.",
        tag="keys",
        scope=Scope.ADMIN,
        role=Role.ADMIN,
        query=KeysQuery,
        answer=Listing[KeyShape],
        work=_list,
    ),
    Operation(
        method="POST",
        path="/keys",
        name="create_key",
        summary="Make an API key",
        description="The answer has its `secret`, this once. With an `Idempotency-Key` that was used already the same "
        "key is answered, without its secret, since that is kept nowhere. Its role is not above that of the key that "
        "makes it.",
        tag="keys",
        scope=Scope.ADMIN,
        role=Role.ADMIN,
        status=201,
        body=NewKeyShape,
        answer=MadeKeyShape,
        work=_create,
        refusals=(409,),
        examples={"an ingest key": _EXAMPLE},
    ),
    Operation(
        method="GET",
        path="/keys/{key}",
        name="get_key",
        summary="One API key",
        tag="keys",
        scope=Scope.ADMIN,
        role=Role.ADMIN,
        path_model=KeyPath,
        answer=KeyShape,
        work=_get,
        refusals=(404,),
    ),
    Operation(
        method="POST",
        path="/keys/{key}/revoke",
        name="revoke_key",
        summary="Revoke an API key",
        description="From now on it opens nothing: in the process that answers at once, in all others within five "
        "seconds. It stays in the list, and can't be made valid again.",
        tag="keys",
        scope=Scope.ADMIN,
        role=Role.ADMIN,
        path_model=KeyPath,
        answer=KeyShape,
        work=_revoke,
        after=_forget,
        refusals=(404, 409),
    ),
)
