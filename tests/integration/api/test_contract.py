"""Whether the API does what its OpenAPI document says: a little of what the marathon tries at length."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from db.engine import connect
from receiver.settings import ReceiverSettings
from tests.building import firing
from tests.contract import Extent, try_contract
from tests.contract_hooks import INCIDENTS
from tests.integration.api.conftest import Api, running
from tests.migrated import unsynced

FAST = ReceiverSettings(api_requests_per_second=1_000_000, api_burst=1_000_000)
A_FEW = Extent(phases=("examples", "fuzzing"), examples=3)


@pytest.fixture
async def filled(migrated_sqlite_url: str) -> AsyncIterator[Api]:
    engines = unsynced(connect(migrated_sqlite_url))
    async with running(engines, FAST) as made:
        for number in range(INCIDENTS):
            await made.stage.take(firing(service=f"service-{number}"))
        yield made
    await engines.dispose()


async def test_what_the_api_answers_is_what_its_document_says(filled: Api, tmp_path: Path) -> None:
    verdict = await try_contract(filled.url, filled.secret, tmp_path, A_FEW)
    assert verdict.is_clean, verdict.told
