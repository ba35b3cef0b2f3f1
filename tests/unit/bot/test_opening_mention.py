"""Who hears of an incident that opens. Nothing that an alert says can mention anybody."""

import pytest

from bot.blocks.opening_mention import mentions, opening_mention
from incidents.policy import MOST_MENTIONED
from tests.unit.bot.samples import an_incident
from tests.unit.bot.snapshots import expect_message

HANDLES = {"oncall": "S0ONCALL"}
TITLES = {
    "plain": "Checkout 5xx above 5 %.",
    "hostile": "<!channel> <@U0BOB> *b* <http://evil|x>",
    "korean": "결제 오류율이 5 %를 넘음 🔥",
    "right-to-left": "تجاوز معدل الأخطاء \u202e5 %",
    "long": "ü" * 5000,
    "none": "",
}


@pytest.mark.parametrize("name", TITLES)
def test_each_mention_is_as_it_was_looked_at(name: str) -> None:
    mention = mentions(["@oncall", "<@U0ALICE>", "<!subteam^S0OTHER>"], HANDLES)
    message = opening_mention(an_incident(title=TITLES[name]), mention=mention)
    expect_message(f"opening-{name}", message)
    assert message.text.startswith("<!subteam^S0ONCALL> <@U0ALICE> <!subteam^S0OTHER> CRITICAL INC-142 has opened")
    assert message.text.count("<") == 3


def test_a_handle_counts_in_any_case_and_one_that_nobody_has_is_only_named() -> None:
    assert mentions(["@OnCall", "@nobody"], HANDLES) == "<!subteam^S0ONCALL> @nobody"


def test_as_many_as_anybody_writes_still_fit() -> None:
    everybody = mentions([f"<@U{number:010}>" for number in range(MOST_MENTIONED)], {})
    expect_message("opening-everybody", opening_mention(an_incident(), mention=everybody))
