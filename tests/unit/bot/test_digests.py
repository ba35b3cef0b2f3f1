"""The digest after an outage, as it was looked at; and notices of channels that can't be used."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.blocks.channel_notice import channel_notice
from bot.blocks.digest import digest
from incidents.channels import ChannelHour, UnusableChannel
from incidents.model import Incident, Place, Resolution, Severity, Status
from incidents.outages import MOST_NAMED, Missed, Outage
from tests.unit.bot.samples import ALICE, AT_TEN, an_incident, minutes
from tests.unit.bot.snapshots import expect_message

OUTAGE = Outage.of(minutes(2), until=minutes(64))
HOUR = ChannelHour.of("#payments", minutes(12))


def still_open(number: int, **changes: object) -> Incident:
    return an_incident(**{"id": number, "number": number, "title": f"Checkout 5xx above {number} %", **changes})


def over(number: int, **changes: object) -> Incident:
    ended = {"status": Status.RESOLVED, "resolution": Resolution.RECOVERED, "resolved_time": minutes(20 + number)}
    return still_open(number, **{**ended, "severity": Severity.WARNING, **changes})


def missed(*worst: Incident, total: int = 0, resolved: int | None = None, outage: Outage = OUTAGE) -> Missed:
    count = sum(not one.is_open for one in worst) if resolved is None else resolved
    return Missed(outage, outage.until or minutes(64), total or len(worst), count, worst)


OPEN = [still_open(1), still_open(2, severity=Severity.WARNING, status=Status.ACKNOWLEDGED, acknowledged_by=ALICE)]
MANY = [*OPEN, *(over(number) for number in range(3, 3 + MOST_NAMED - 2))]
HOSTILE = "<!channel> *b* `c` <http://evil|x> " + "&<>" * 200
HUGE = Place(cluster="&" * 255, namespace="<" * 255, service=">" * 255, phase="&" * 255)
DIGESTS = {
    "hour": missed(*MANY, total=43, resolved=39),
    "one-open": missed(OPEN[0]),
    "one-over": missed(over(7)),
    "all-over": missed(over(7), over(8, resolution=Resolution.STALE)),
    "all-open": missed(*OPEN),
    "locked-out": missed(*OPEN, outage=replace(OUTAGE, locked_out=True)),
    "hostile": missed(*(still_open(n, place=HUGE) for n in range(MOST_NAMED - 1)), over(99, title=HOSTILE)),
}


@pytest.mark.parametrize("name", DIGESTS)
def test_each_digest_is_as_it_was_looked_at(name: str) -> None:
    expect_message(f"digest-{name}", digest(DIGESTS[name]))


def test_what_an_alert_says_can_neither_mention_nor_link() -> None:
    hostile = digest(missed(still_open(1), over(2))).text + str(digest(DIGESTS["hostile"]).blocks)
    assert "<!channel" not in hostile
    assert "<http" not in hostile


@pytest.mark.parametrize("code", ["channel_not_found", "is_archived", "not_in_channel", "restricted_action", None])
def test_each_notice_of_a_channel_is_as_it_was_looked_at(code: str | None) -> None:
    notice = channel_notice(HOUR, UnusableChannel("#payments", code) if code else None, fallback="#incidents")
    expect_message(f"channel-{code or 'works'}", notice)


def test_an_outage_and_an_hour_are_found_again_by_their_names() -> None:
    for outage in (OUTAGE, Outage.of(AT_TEN), replace(OUTAGE, locked_out=True)):
        assert Outage.named(outage.subject) == outage
        assert len(outage.subject) <= 64
    long = ChannelHour.of("#" + "p" * 79, AT_TEN + timedelta(minutes=3))
    for hour in (HOUR, long):
        assert ChannelHour.named(hour.subject) == hour
        assert len(hour.subject) <= 64
    assert long.is_of("#" + "p" * 79)
    assert ChannelHour.named("refused:grafana:2026-01-02T10:00Z") is None
    with pytest.raises(ValueError, match="no outage"):
        Outage.named("refused:grafana:2026-01-02T10:00Z")
