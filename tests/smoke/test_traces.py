"""One trace from the webhook to the call to Slack, one from a click to the same, and log lines that name them.

Neither a trace nor the log, however much it tells, says what an alert says.
"""

import json
from collections.abc import Sequence
from typing import Any

from tests.collector import Seen, collector
from tests.smoke.conftest import MakeHouse
from tests.smoke.grafana import alert, body
from tests.smoke.harness import CANARIES, House, status_of

TRACE, SENDER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
NEVER = "tell-no-collector"


def test_from_the_webhook_to_slack_and_from_a_click_to_slack(make_house: MakeHouse) -> None:
    house = make_house()
    with collector() as kept:
        house.open_in_order(
            OTEL_EXPORTER_OTLP_ENDPOINT=kept.url,
            OTEL_SERVICE_NAME="beacon",
            OTEL_RESOURCE_ATTRIBUTES="deployment.environment.name=test",
            OTEL_BSP_SCHEDULE_DELAY="3600000",  # so that all of it comes as Bongsu stops
            BONGSU_LOG_LEVEL="DEBUG",
        )
        told = house.grafana.sends(
            body(alert(NEVER, NEVER, service=NEVER, summary=NEVER)),
            Traceparent=f"00-{TRACE}-{SENDER}-01",
            X_Request_Id="from-grafana-1",
        )
        card = house.workspace.channel("#incidents").expects_card(containing=NEVER)
        card.click("Acknowledge", user="alice").shows("<@U0ALICE> since", state="acknowledged")
        card.expects_thread_reply(containing="acknowledged it")
        house.settled()
        assert kept.bodies == []
        assert status_of(f"{house.url}/metrics") == 200
        assert house.stop_bongsu() == 0
        assert told.headers["X-Request-Id"] == "from-grafana-1"
        assert (kept.paths, kept.resource["service.name"]) == ({"/v1/traces"}, "beacon")
        assert kept.resource["deployment.environment.name"] == "test"
        said = [secret for secret in (*CANARIES, NEVER, "U0ALICE") for one in kept.bodies if secret.encode() in one]
        assert said == []
        spans = kept.spans
    of_the_webhook(spans, told.json()["delivery"])
    of_the_click(spans)
    assert not [one.name for one in spans if "metrics" in one.name or one.failed]
    of_the_log(house, told.json()["delivery"], spans)
    assert NEVER not in house.bongsu.stderr


def of_the_webhook(spans: Sequence[Seen], delivery: int) -> None:
    here = [one for one in spans if one.trace == TRACE]
    posted = next(one for one in here if one.name == "chat.postMessage")
    assert way_to(posted, here) == [
        "POST /webhooks/{source}", "commit a batch", "transaction", "publish card", "chat.postMessage",
    ]  # fmt: skip
    assert {"normalise grafana", "render card"} <= {one.name for one in here}
    assert posted.attributes["slack.ok"] is True
    request = next(one for one in here if one.parent == SENDER)
    assert request.attributes["http.response.status_code"] == 200
    assert request.attributes["http.route"] == "/webhooks/{source}"
    assert request.attributes["bongsu.delivery.id"] == delivery


def of_the_click(spans: Sequence[Seen]) -> None:
    click = next(one for one in spans if one.name == "slack click incident_acknowledge")
    here = [one for one in spans if one.trace == click.trace]
    updated = next(one for one in here if one.name == "chat.update")
    assert way_to(updated, here) == [
        "POST /slack/events", "slack click incident_acknowledge", "transaction", "publish card", "chat.update",
    ]  # fmt: skip


def way_to(span: Seen, spans: Sequence[Seen]) -> list[str]:
    """The names from the root of the trace, or of ours, to it."""
    above = next((one for one in spans if one.id == span.parent), None)
    return [*(way_to(above, spans) if above else []), span.name]


def of_the_log(house: House, delivery: int, spans: Sequence[Seen]) -> None:
    lines: list[dict[str, Any]] = [json.loads(line) for line in house.bongsu.stderr.splitlines()]
    committed = next(one for one in lines if one.get("action") == "delivery_processed")
    assert (committed["request_id"], committed["delivery"]) == ("from-grafana-1", delivery)
    assert committed["trace_id"] == TRACE
    request = next(one for one in spans if one.id == committed["span_id"])
    assert request.name == "POST /webhooks/{source}"
