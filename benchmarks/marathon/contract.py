"""The leg of the REST API: schemathesis tries it at length, while alerts, clicks and hours of silence arrive."""

import asyncio
import re
import time
from collections import Counter

from benchmarks.marathon.ground import Ground
from benchmarks.marathon.load import Load
from benchmarks.marathon.report import Leg
from incidents.access.model import KeyRole, NewKey, digest_of, hint_of, new_secret
from incidents.errors import IncidentNotFound
from incidents.ports import UnitOfWork
from tests.contract import Extent, try_contract
from tests.contract_hooks import INCIDENTS

NAME = "contract"
_EXAMPLES = 100
"""Of each operation, each time round."""
_FILLED_WITHIN = 60.0
_LOOK_EVERY = 0.1
_CASES = re.compile(r"^ *(\d+) generated", re.MULTILINE)


async def run(ground: Ground, load: Load, seconds: float) -> Leg:
    """Nobody is killed: what counts is that no answer is a 5xx, or other than the OpenAPI document says."""
    leg = Leg(NAME, ground.kind)
    child = await ground.serve()
    try:
        await ground.ready(child)
        async with load.running():
            await _filled(ground)
            extent = Extent(examples=_EXAMPLES, seconds=max(1, round(seconds)), seed=load.chance.randrange(1 << 31))
            verdict = await try_contract(ground.place.url, await _key(ground), ground.folder, extent)
    finally:
        await child.kill()
    leg.tried = sum(int(found) for found in _CASES.findall(verdict.told))
    leg.problem = "" if verdict.is_clean else verdict.told
    leg.said = Counter(str(told.get("action")) for told in ground.facts() if told.get("level") == "error")
    return leg


async def _key(ground: Ground) -> str:
    secret = new_secret()
    new = NewKey(NAME, KeyRole.ADMIN, digest_of(secret), hint_of(secret))
    await ground.transactions.write(lambda uow: uow.api_keys.add(new, by=NAME))
    return secret


async def _filled(ground: Ground) -> None:
    """Until there are as many incidents as the hooks count on. Raises TimeoutError."""
    deadline = time.monotonic() + _FILLED_WITHIN
    while not await ground.transactions.read(_is_filled):
        if time.monotonic() > deadline:
            raise TimeoutError(f"there are no {INCIDENTS} incidents after {_FILLED_WITHIN:.0f} s")
        await asyncio.sleep(_LOOK_EVERY)


async def _is_filled(uow: UnitOfWork) -> bool:
    try:
        await uow.incidents.by_number(INCIDENTS)
    except IncidentNotFound:
        return False
    return True
