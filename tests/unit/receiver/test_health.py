"""What ``/readyz`` answers."""

import json

from aiohttp.test_utils import make_mocked_request

from incidents.errors import Unavailable
from receiver.health import Health


async def nothing() -> list[str]:
    return []


async def away() -> list[str]:
    raise Unavailable("refused")


async def slack_is_away() -> list[str]:
    return ["nothing has got through to Slack since 10:02"]


async def asked(health: Health) -> tuple[int, dict[str, object]]:
    answer = await health.readiness(make_mocked_request("GET", "/readyz"))
    assert isinstance(answer.body, bytes)
    return answer.status, json.loads(answer.body)


async def test_trouble_with_slack_is_told_and_keeps_no_alert_out() -> None:
    told = {"status": "ready", "warnings": ["nothing has got through to Slack since 10:02"]}
    assert await asked(Health(nothing, warnings=slack_is_away)) == (200, told)
    assert await asked(Health(nothing, warnings=nothing)) == (200, {"status": "ready"})
    assert await asked(Health(nothing)) == (200, {"status": "ready"})


async def test_what_keeps_it_from_working_does() -> None:
    status, told = await asked(Health(away, warnings=slack_is_away))
    assert (status, told["status"], "warnings" in told) == (503, "not ready", False)
