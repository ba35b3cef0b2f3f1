"""What must not be kept of alerts is in no table, and changes nothing of what they are about."""

import json
from dataclasses import replace

from db.tables import metadata
from incidents.ingest.reject import reject
from incidents.model import RejectedDelivery
from incidents.pattern import Pattern
from incidents.policy import Policy
from incidents.redaction import REDACTED, Found, Redaction
from tests.building import a_delivery, firing, resolved
from tests.integration.db.stage import Stage

CARD, TOKEN = "4111111111111111", "hunter2/hunter2"
POLICY = Policy(redact=(Redaction(label="*token*"), Redaction(found=Found(Pattern("[0-9]{16}"), True, True))))


async def everything(stage: Stage) -> str:
    rows = [row for table in metadata.sorted_tables for row in await stage.all(table)]
    return "\n".join(str(dict(row)) for row in rows)


async def test_nothing_of_it_is_stored_and_the_series_is_known_again(stage: Stage) -> None:
    told = firing("pod-a", service="pay", api_token=TOKEN)
    told = replace(
        told, summary=f"card {CARD}", annotations={"d": f"{TOKEN} {CARD}"}, raw={"labels": dict(told.labels)}
    )
    envelope = {"commonLabels": {"api_token": TOKEN}, "title": CARD}
    await stage.take_batch(replace(a_delivery(told, body="one"), envelope=envelope), policy=POLICY)
    body = json.dumps({"alerts": "?", "labels": {"x_token": TOKEN}}).encode()
    refused = RejectedDelivery("grafana", "r" * 32, "0" * 64, {}, "alerts is no list", body)
    await stage.write(lambda uow: reject(refused, uow=uow, policy=POLICY))
    stored = await everything(stage)
    assert TOKEN not in stored
    assert CARD not in stored
    assert (await stage.incident()).title == f"card {REDACTED}"
    assert (await stage.incident()).place.service == "pay"
    await stage.take(resolved("pod-a", service="pay", api_token=TOKEN))
    assert not (await stage.incident()).is_open
