"""A Korean team, one of whose people reads English, and an English one, one of whose people reads Korean."""

import pytest

from tests.smoke.conftest import MakeHouse
from tests.smoke.harness import House
from tests.smoke.waiting import until


def speaks(house: House, user: str, told: str) -> None:
    """Slack is asked in the background what somebody speaks: once that is known, they are answered in it."""

    def look() -> bool:
        answer = house.workspace.command("/incident list", user=user)
        answer.says()
        return told in answer.said[0]["text"]

    assert until(look, f"{user} is answered {told!r}")


@pytest.mark.parametrize(
    ("language", "active", "acknowledged", "button", "did"),
    [
        ("ko", "active-in-korean", "acknowledged-in-korean", "확인", "<@U0BOB> 님이 확인했습니다"),
        ("en", "active", "acknowledged", "Acknowledge", "<@U0BOB> acknowledged it"),
    ],
)
def test_the_channel_reads_the_workspaces_language_and_each_person_their_own(
    make_house: MakeHouse, language: str, active: str, acknowledged: str, button: str, did: str
) -> None:
    house = make_house(config=f"slack: {{language: {language}}}\n", language=language).open()
    house.workspace.do("people", user="carol", locale="ko-KR")
    speaks(house, "alice", "Nothing is open.")
    speaks(house, "carol", "열린 인시던트가 없습니다.")
    house.grafana.fires("checkout-5xx", series=["pod-a"])
    card = house.workspace.channel("#incidents").expects_card(state=active)
    card.click(button, user="bob").shows(state=acknowledged)
    card.expects_thread_reply(containing=did)
    stale = card.message
    house.workspace.command("/incident ack 1", user="alice").says("Already acknowledged by <@U0BOB>", "To take INC-1")
    house.workspace.command("/incident 확인 1", user="carol").says("<@U0BOB> 님이", "이미 확인하여")
    house.workspace.command("/incident unsnooze 1", user="carol").says("INC-1 인시던트는 일시 중지 상태가 아니라")
    card.is_as(stale)
