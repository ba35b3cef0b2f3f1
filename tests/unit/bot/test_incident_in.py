"""Which incident something pressed, chosen or submitted is about, for the log."""

import json
from typing import Any

import pytest

from bot.blocks.clicks import Do, Target, button_value, incident_in, option_value
from incidents.model import Status
from incidents.rules.stale_click import Seen

TARGET = Target(7, 12, Seen(3, Status.ACTIVE, 1, 2))
VALUE = button_value(TARGET)


@pytest.mark.parametrize(
    ("body", "incident_id"),
    [
        ({"actions": [{"action_id": "incident_acknowledge", "value": VALUE}]}, 7),
        ({"actions": [{"selected_option": {"value": option_value(Do.NOTE, TARGET)}}]}, 7),
        ({"type": "view_submission", "view": {"private_metadata": VALUE}}, 7),
        ({"actions": [{"selected_user": "U0BOB"}], "view": {"private_metadata": VALUE}}, 7),
        ({"actions": [{"value": json.dumps({"id": 7})}]}, None),
        ({"actions": [{"value": 7}, None, {"selected_option": "x"}], "view": "x"}, None),
        ({"actions": "x"}, None),
        ({"command": "/incident", "text": "ack INC-12"}, None),
    ],
)
def test_the_incident_of_a_payload(body: dict[str, Any], incident_id: int | None) -> None:
    assert incident_in(body) == incident_id
