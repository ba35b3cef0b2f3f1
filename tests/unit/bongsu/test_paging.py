"""The section paging: as it is meant, and every mistake with its place and its mend."""

from datetime import time
from zoneinfo import ZoneInfo

import pytest

from bongsu.config_file import parse_policy
from bongsu.config_mistakes import InvalidConfig
from incidents.model import Severity
from incidents.policy import Paging, QuietHours
from incidents.schedules import Window

BERLIN = ZoneInfo("Europe/Berlin")


def read(said: str) -> Paging:
    return parse_policy(f"paging: {{{said}}}", name="bongsu.yaml").paging


def test_nothing_is_quiet_unless_somebody_says_so() -> None:
    assert read("") == Paging(most_per_hour=20, quiet_hours=None)


def test_all_of_it() -> None:
    said = 'timezone: Europe/Berlin, hours: "22:00-07:00", weekdays: Mon-Fri, severities: [info, Error]'
    told = read(f"most_per_hour: 5, quiet_hours: {{{said}}}")
    severities = frozenset({Severity.INFO, Severity.ERROR})
    hours = Window(frozenset(range(5)), time(22), time(7))
    assert told == Paging(5, QuietHours(BERLIN, hours, severities))


def test_warnings_and_infos_wait_unless_others_are_named() -> None:
    quiet = read('quiet_hours: {timezone: Europe/Berlin, hours: "22:00-07:00"}').quiet_hours
    assert quiet is not None
    assert quiet.severities == {Severity.WARNING, Severity.INFO}


def test_whole_days_may_be_quiet() -> None:
    quiet = read("quiet_hours: {timezone: Europe/Berlin, weekdays: [Sat, Sun]}").quiet_hours
    assert quiet is not None
    assert quiet.window == Window(frozenset({5, 6}), time(0), time(0))


Q = "paging:\n  quiet_hours:\n    timezone: Europe/Berlin\n"
H = f'{Q}    hours: "22:00-07:00"\n'
MISTAKES = [
    ("paging: 5", (1, 9), "a mapping is needed"),
    ("paging:\n  most_per_hour: 0", (2, 18), "'0' is no number of pages an hour: write 1 to 1000"),
    ("paging:\n  most_per_hour: 1001", (2, 18), "write 1 to 1000"),
    ("paging:\n  most_per_hour: many", (2, 18), "'many' is no number of pages an hour"),
    ("paging:\n  most_per_hour: true", (2, 18), "is no number of pages an hour"),
    ("paging:\n  most_an_hour: 5", (2, 3), "did you mean 'most_per_hour'?"),
    ('paging:\n  quiet_hours: {hours: "22:00-07:00"}', (2, 16), "'timezone' is missing"),
    ('paging:\n  quiet_hours: "22:00-07:00"', (2, 16), "a mapping is needed"),
    (
        'paging:\n  quiet_hours: {hours: "22:00-07:00", timezone: Europe/Berlon}',
        (2, 49),
        "did you mean 'Europe/Berlin'?",
    ),
    (f"{Q}    hours: 22", (4, 12), "'22' are no hours: write from and to in quotes"),
    (f'{Q}    hours: "22:00-22:00"', (4, 12), "ends where it begins"),
    (f'{Q}    hours: "00:00-24:00"', (3, 5), "it would be quiet for ever: write 'hours'"),
    (Q, (3, 5), "it would be quiet for ever"),
    (f"{H}    weekdays: [Mon, Fun]", (5, 21), "'Fun' is no weekday"),
    (f"{H}    severities: [warning, critical]", (5, 17), "what is critical can't wait for the morning: leave critical"),
    (f"{H}    severities: []", (5, 17), "severities are needed"),
    (f"{H}    severities: [grave]", (5, 18), "'grave' is no severity"),
    (f"{H}    severity: [info]", (5, 5), "did you mean 'severities'?"),
]


@pytest.mark.parametrize(("text", "place", "words"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_has_its_place_and_its_mend(text: str, place: tuple[int, int], words: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        parse_policy(text, name="bongsu.yaml")
    found = {(mistake.line, mistake.column): mistake.problem for mistake in refused.value.mistakes}
    assert list(found) == [place], found
    assert words in found[place]
