"""What an alert says is data: it mentions nobody and dresses up no link, and the card still comes."""

import json
import re
from typing import Any

import pytest

from tests.smoke.conftest import MakeHouse
from tests.smoke.grafana import alert, body
from tests.smoke.harness import House

MARKUP = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
HOSTILE = {
    "mention of a channel": "<!channel> <!here> <!everyone> <!subteam^S0ONCALL>",
    "mention of a person": "<@U0ALICE> @alice",
    "dressed-up link": "<http://evil.example/|grafana>",
    "escaped link": "&lt;http://evil.example/|grafana&gt;",
    "5000 characters": "x" * 5000,
    "5000 characters to be escaped": "<&>" * 1700,
    "NUL": "a\x00b\u202ec",
    "formatting": "*bold* `code` ~struck~\n> quoted\n```block```",
}


def markup(node: Any) -> list[tuple[str, str]]:
    """Every ``<target|label>`` that Slack would act on, in mrkdwn."""
    if isinstance(node, dict):
        own = MARKUP.findall(node["text"]) if node.get("type") == "mrkdwn" else []
        return own + [found for name, one in node.items() if name != "confirm" for found in markup(one)]
    return [found for one in node for found in markup(one)] if isinstance(node, list) else []


def is_ours(target: str, label: str) -> bool:
    """A date, or a link of the alert's own fields under one of our labels."""
    fine = {"Dashboard", "Panel", "Runbook", "Silence", "Rule"}
    return target.startswith("!date^") or (target.startswith("https://grafana.example.com/") and label in fine)


@pytest.fixture
def two_channels(make_house: MakeHouse) -> House:
    """Every second alert goes to another channel, so that they wait less for each other."""
    return make_house(config="routes: [{match: {phase: qa}, channel: '#general'}]").open()


def test_no_label_mentions_anybody_or_dresses_up_a_link(two_channels: House) -> None:
    workspace, grafana = two_channels.workspace, two_channels.grafana
    for number, (name, value) in enumerate(HOSTILE.items(), start=1):
        phase = "qa" if number % 2 else "dev"
        told = alert(f"rule-{number}", value, summary=value, service=value, namespace=value, phase=phase, team=value)
        told["labels"] |= {"alertname": value, value: value}
        told["annotations"]["runbook_url"] = "javascript:alert(1)"
        answer = grafana.sends(body(told))
        assert answer.status_code == 200, (name, answer.text)
        card = workspace.channel("#general" if number % 2 else "#incidents").expects_card(containing=f"INC-{number}\n")
        message = card.message
        assert [found for found in markup(message["blocks"]) if not is_ours(*found)] == [], name
        assert MARKUP.findall(message["text"]) == [], name
        assert "\x00" not in json.dumps(message, ensure_ascii=False)
    workspace.command("/incident list", user="alice").says(f"{len(HOSTILE)} are open", never="<!channel>")
