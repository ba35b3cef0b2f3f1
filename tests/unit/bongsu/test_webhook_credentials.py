"""Without a way in `serve` does not start; which ways there are must be said."""

import pytest

from bongsu.settings import read_settings, require_for_serving
from incidents.errors import InvalidInput

SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "hush"}


@pytest.mark.parametrize("given", [{"BONGSU_WEBHOOK_KEYS_ONLY": "1"}, {"BONGSU_WEBHOOK_TOKEN": "x"}])
def test_one_way_in_is_enough(given: dict[str, str]) -> None:
    require_for_serving(read_settings({**SLACK, **given}))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "BONGSU_WEBHOOK_TOKEN"),
        ({"BONGSU_WEBHOOK_KEYS_ONLY": "0"}, "BONGSU_WEBHOOK_TOKEN"),
        ({"BONGSU_WEBHOOK_KEYS_ONLY": "1", "BONGSU_WEBHOOK_TOKEN": "x"}, "BONGSU_WEBHOOK_KEYS_ONLY"),
        ({"BONGSU_WEBHOOK_KEYS_ONLY": "1", "BONGSU_WEBHOOK_ANONYMOUS": "1"}, "BONGSU_WEBHOOK_KEYS_ONLY"),
    ],
)
def test_none_or_contrary_ones_are_refused(given: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        require_for_serving(read_settings({**SLACK, **given}))
    assert refused.value.field == field
    assert "BONGSU_WEBHOOK_ANONYMOUS" in refused.value.problem
