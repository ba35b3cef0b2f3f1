"""The section schedules: as it is meant, and every mistake with its place and its mend."""

import re
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bongsu.config_file import parse_policy
from bongsu.config_mistakes import InvalidConfig
from incidents.schedules import Calendar, Holiday, Layer, Rotation, Schedule, Unit, Window
from incidents.schedules.model import FIRST_DAY

ALICE, BOB = "U0ALICE", "U0BOB"
PEOPLE = 'people: ["<@U0ALICE>", "<@U0BOB>"]'


def read(text: str) -> dict[str, Schedule]:
    return dict(parse_policy(text, name="bongsu.yaml").schedules)


def one(said: str) -> Schedule:
    [schedule] = read(f"schedules: {{a: {{timezone: Asia/Seoul, {said}}}}}").values()
    return schedule


def rotation(said: str) -> Rotation:
    return one(f"{PEOPLE}, {said}").layers[0].rotation


def test_the_short_form() -> None:
    text = f'schedules:\n  payments: {{timezone: Asia/Seoul, rotate: weekly, handover: "Mon 09:00", {PEOPLE}}}\n'
    turns = Rotation((ALICE, BOB), 7, Unit.DAYS, time(9), FIRST_DAY)
    assert read(text) == {"payments": Schedule("payments", ZoneInfo("Asia/Seoul"), (Layer("payments", turns),))}


def test_the_long_form() -> None:
    text = """\
schedules:
  payments:
    timezone: Europe/Berlin
    layers:
      - {name: office, people: ["<@U0ALICE|alice>"], hours: "09:00-18:00", weekdays: Mon-Fri}
      - {name: rest, people: [U0BOB12, U0ALICE], rotate: 12h, handover: "08:00", start: 2026-02-03}
    holidays:
      - {days: [2026-12-25, "2026-12-26"], person: "<@U0BOB>"}
      - {days: 2027-01-01, layer: rest}
"""
    office = Layer("office", Rotation((ALICE,)), Window(frozenset(range(5)), time(9), time(18)))
    rest = Layer("rest", Rotation(("U0BOB12", ALICE), 12, Unit.HOURS, time(8), date(2026, 2, 3)))
    holidays = (
        Holiday(frozenset({date(2026, 12, 25), date(2026, 12, 26)}), person=BOB),
        Holiday(frozenset({date(2027, 1, 1)}), layer="rest"),
    )
    assert read(text) == {"payments": Schedule("payments", ZoneInfo("Europe/Berlin"), (office, rest), holidays)}


@pytest.mark.parametrize(
    ("said", "every", "unit"),
    [
        ("daily", 1, Unit.DAYS),
        ("weekly", 7, Unit.DAYS),
        ("hourly", 1, Unit.HOURS),
        ("3d", 3, Unit.DAYS),
        ("2w", 14, Unit.DAYS),
        ("24h", 24, Unit.HOURS),
    ],
)
def test_turns_of_any_length(said: str, every: int, unit: Unit) -> None:
    assert (rotation(f"rotate: {said}").every, rotation(f"rotate: {said}").unit) == (every, unit)


@pytest.mark.parametrize(
    ("said", "day", "at"),
    [
        ('handover: "Mon 09:00"', FIRST_DAY, time(9)),
        ('handover: "wednesday 17:30"', date(2024, 1, 3), time(17, 30)),
        ('handover: "Sun 0:00", start: 2026-01-06', date(2026, 1, 11), time(0)),
        ('rotate: daily, handover: "7:05"', FIRST_DAY, time(7, 5)),
        ('rotate: 3d, handover: "07:05", start: 2026-01-06', date(2026, 1, 6), time(7, 5)),
    ],
)
def test_the_first_turn_begins_at_the_first_handover_from_start_on(said: str, day: date, at: time) -> None:
    assert (rotation(said).start, rotation(said).handover) == (day, at)


@pytest.mark.parametrize(
    ("said", "days", "begin", "end"),
    [
        ('hours: "22:00-06:00"', "0123456", time(22), time(6)),
        ('hours: "18:00 – 24:00"', "0123456", time(18), time(0)),
        ("weekdays: [Sat, Sun]", "56", time(0), time(0)),
        ("weekdays: Fri-Mon", "0456", time(0), time(0)),
        ("weekdays: [Mon-Wed, Sun]", "0126", time(0), time(0)),
    ],
)
def test_hours_and_weekdays(said: str, days: str, begin: time, end: time) -> None:
    layer = one(f"gaps: true, {PEOPLE}, {said}").layers[0]
    assert layer.window == Window(frozenset(map(int, days)), begin, end)


def test_hours_that_nobody_has_may_be_meant() -> None:
    assert one(f'gaps: true, {PEOPLE}, hours: "09:00-18:00"').layers[0].window


def test_two_layers_that_share_the_day_leave_no_hole() -> None:
    halves = f'{{{PEOPLE}, hours: "08:00-20:00"}}, {{{PEOPLE}, hours: "20:00-08:00"}}'
    assert len(one(f"layers: [{halves}]").layers) == 2


def test_a_route_mentions_who_is_on_call() -> None:
    text = f"routes: [{{channel: C1, mention: 'schedule:a'}}]\nschedules: {{a: {{timezone: UTC, {PEOPLE}}}}}"
    assert parse_policy(text, name="x").routes[0].mention == ("schedule:a",)


NAMES = 'people: {Alice@Example.com: "<@U0ALICE>", Bob: U0BOB12}'


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("https://example.com/x.ics?key=1", "https://example.com/x.ics?key=1"),
        ("webcal://example.com/x.ics", "https://example.com/x.ics"),
        ("/etc/bongsu/x.ics", "/etc/bongsu/x.ics"),
        ("file:/etc/bongsu/x.ics", "/etc/bongsu/x.ics"),
        ("file:///etc/bongsu/x.ics", "/etc/bongsu/x.ics"),
    ],
)
def test_a_calendar_is_a_schedule(said: str, source: str) -> None:
    told = one(f'ical: "{said}", {NAMES}, fallback: "<@U0CAROL>"')
    people = {"alice@example.com": ALICE, "bob": "U0BOB12"}
    assert told.calendar == Calendar(source, people, "U0CAROL")
    assert (told.layers, told.shifts) == ((), ())


@pytest.mark.parametrize(
    ("said", "group"), [("@Payments-OnCall", "@payments-oncall"), ("<!subteam^S0ONCALL|x>", "S0ONCALL")]
)
def test_a_group_follows_and_a_channel_is_told(said: str, group: str) -> None:
    told = one(f'{PEOPLE}, user_group: "{said}", handover_channel: "#payments"')
    assert (told.user_group, told.handover_channel) == (group, "#payments")


def test_a_schedule_knows_its_line() -> None:
    assert read(f"\nschedules:\n  # mine\n  a:\n    timezone: UTC\n    {PEOPLE}\n")["a"].line == 4


START = "schedules:\n  a:\n    timezone: Asia/Seoul\n"
SHORT = f"{START}    {PEOPLE}\n"
LAYERS = f"{START}    layers:\n      - {{name: b, {PEOPLE}}}\n"
ICAL = f"{START}    ical: https://example.com/x.ics\n"
MISTAKES = [
    (f"schedules:\n  a: {{{PEOPLE}}}", (2, 6), "'timezone' is missing: write it"),
    (f"schedules:\n  a: {{timezone: Asia/Seul, {PEOPLE}}}", (2, 17), "did you mean 'Asia/Seoul'?"),
    (f"schedules:\n  a: {{timezone: Mars, {PEOPLE}}}", (2, 17), "is no time zone: "),
    (f"schedules:\n  a: {{timezone: ../etc, {PEOPLE}}}", (2, 17), "is no time zone: "),
    (f"schedules:\n  a: {{timezone: Europe, {PEOPLE}}}", (2, 17), "is no time zone: "),
    (f"schedules:\n  a: {{timezone: 9, {PEOPLE}}}", (2, 17), "'9' is no time zone: "),
    (f"{START}    people: []", (4, 13), "the list is empty, so nobody would be on call"),
    (f'{START}    people: ["@oncall"]', (4, 14), "'@oncall' is no person's id: write \"<@U0123456789>\""),
    (f"{START}    people: [alice]", (4, 14), "'alice' is no person's id"),
    (f"{START}    people: [5]", (4, 14), "'5' is no person's id"),
    (f'{START}    people: ["<@U0BOB>", "<!subteam^S0ONCALL>"]', (4, 26), "is no person's id"),
    (f'{START}    people: "<@U0BOB>"', (4, 13), 'write people: ["<@U0BOB>"]'),
    (START, (3, 5), "'people' is missing"),
    (f"{SHORT}    rotate: 0d", (5, 13), "'0d' is out of range: write a turn of 1h to 366d"),
    (f"{SHORT}    rotate: -1d", (5, 13), "'-1d' is out of range"),
    (f"{SHORT}    rotate: 900d", (5, 13), "'900d' is out of range"),
    (f"{SHORT}    rotate: 7", (5, 13), "'7' is no length of a turn: write daily, weekly"),
    (f"{SHORT}    rotate: monthly", (5, 13), "'monthly' is no length of a turn"),
    (f"{SHORT}    handover: Mom 09:00", (5, 15), "'Mom 09:00' is no handover: write a weekday and a time"),
    (f"{SHORT}    handover: Mon 25:00", (5, 15), "is no handover"),
    (f"{SHORT}    handover: Mon", (5, 15), "is no handover"),
    (f"{SHORT}    handover: ''", (5, 15), "is no handover"),
    (f"{SHORT}    handover: 10:30", (5, 15), "write it in quotes"),
    (f"{SHORT}    handover: '09:00'", (5, 15), "on which day?"),
    (f"{SHORT}    rotate: daily\n    handover: Mon 09:00", (6, 15), "turns are no whole weeks, so no weekday holds"),
    (f"{SHORT}    start: soon", (5, 12), "'soon' is no day: write it as 2026-12-25"),
    (f"{SHORT}    start: 1066-10-14", (5, 12), "out of range"),
    (f"{SHORT}    gaps: true\n    hours: 9-18", (6, 12), "'9-18' are no hours"),
    (f"{SHORT}    gaps: true\n    hours: '09:00-09:00'", (6, 12), "ends where it begins: leave 'hours' out"),
    (f"{SHORT}    gaps: true\n    weekdays: [Mon, Moon]", (6, 21), "'Moon' is no weekday"),
    (f"{SHORT}    gaps: true\n    weekdays: []", (6, 15), "are no weekdays"),
    (f"{SHORT}    hours: '09:00-18:00'", (3, 5), "from Mon 18:00 on nobody is on call"),
    (f"{SHORT}    rotat: daily", (5, 5), "there is no such key 'rotat': did you mean 'rotate'?"),
    (f"{LAYERS}    rotate: daily", (6, 5), "beside 'layers' it is one too many"),
    (f"{LAYERS}      - {{name: b, {PEOPLE}}}", (6, 16), "another layer is called 'b', too"),
    (f"{LAYERS}      - {{name: c, peple: []}}", (6, 9), "'people' is missing"),
    (f"{LAYERS}    holidays: [{{days: 2026-12-25}}]", (6, 16), "Write 'person' or 'layer', one of them"),
    (f"{LAYERS}    holidays: [{{days: 2026-12-25, layer: d}}]", (6, 42), "there is no layer 'd': use b"),
    (f"{LAYERS}    holidays: [{{days: [], layer: b}}]", (6, 23), "the list is empty"),
    (f"{LAYERS}    holidays: [{{days: ['2026-13-01'], layer: b}}]", (6, 24), "'2026-13-01' is no day"),
    (
        f"{LAYERS}    holidays: [{{days: [2026-11-30, 2026-11-31], layer: b}}]",
        (6, 36),
        "correct it, or write it in quotes",
    ),
    (f"{LAYERS}    holidays: [{{days: 2026-12-25, person: bob}}]", (6, 43), "'bob' is no person's id"),
    (f"{ICAL}    {NAMES}\n    rotate: daily", (6, 5), "beside 'ical' it is one too many"),
    (f"{ICAL}    {NAMES}\n    gaps: true", (6, 5), "leave 'gaps' out"),
    (ICAL, (3, 5), "'people' is missing: write whom its events mean"),
    (f"{ICAL}    people: {{}}", (5, 13), "'people' is missing: write whom its events mean"),
    (f"{ICAL}    {PEOPLE}", (5, 13), "beside 'ical' it says whom events mean: write {"),
    (f"{ICAL}    people: {{eve: eve}}", (5, 19), "'eve' is no person's id"),
    (f"{ICAL}    people: {{eve: U0EVE12, Eve: U0EVE12}}", (5, 28), "'Eve' stands twice"),
    (f"{ICAL}    people: {{' ': U0EVE12}}", (5, 14), "an empty name means nobody"),
    (f"{ICAL}    {NAMES}\n    fallback: eve", (6, 15), "'eve' is no person's id"),
    (f"{START}    {NAMES}\n    ical: x.ics", (5, 11), "it is neither an http(s) address nor a path: write the"),
    (f"{START}    {NAMES}\n    ical: ftp://a/x.ics", (5, 11), "neither an http(s) address nor a path"),
    (f"{START}    {NAMES}\n    ical: 'https://'", (5, 11), "neither an http(s) address nor a path"),
    (f"{START}    {NAMES}\n    ical: 'http://a:b/x'", (5, 11), "neither an http(s) address nor a path"),
    (f"{START}    {NAMES}\n    ical: [a]", (5, 11), "it is no calendar"),
    (f"{START}    {NAMES}\n    ical: file:x.ics", (5, 11), "is no whole path of a file"),
    (f"{START}    {NAMES}", (4, 13), "only a calendar ('ical') has people by names"),
    (f"{SHORT}    fallback: U0EVE12", (5, 5), "only a calendar ('ical') has 'fallback': leave it out"),
    (f"{SHORT}    user_group: oncall", (5, 17), "'oncall' is no user group: write its handle in quotes"),
    (f"{SHORT}    user_group: '<@U0BOB>'", (5, 17), "is no user group"),
    (f"{SHORT}    handover_channel: payments", (5, 23), "'payments' is no channel"),
    (f"schedules: {{me: {{timezone: UTC, {PEOPLE}}}}}", (1, 13), "means something else behind /incident oncall"),
    (f"schedules: {{Pay ments: {{timezone: UTC, {PEOPLE}}}}}", (1, 13), "can't be a name here: write lower-case"),
    ("schedules: []", (1, 12), "a mapping is needed"),
    ("schedules: {a: weekly}", (1, 16), "a mapping is needed"),
    ("routes: [{channel: C1, mention: ['schedule:b']}]\n" + SHORT, (1, 34), "there is no schedule 'b': use a"),
    ("routes: [{channel: C1, mention: ['schedule:b']}]", (1, 34), "write it below 'schedules'"),
    ("routes: [{channel: C1, mention: ['schedule:']}]", (1, 34), "can't be mentioned: write"),
]


@pytest.mark.parametrize(("text", "place", "words"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_has_its_place_and_its_mend(text: str, place: tuple[int, int], words: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        parse_policy(text, name="bongsu.yaml")
    found = {(mistake.line, mistake.column): mistake.problem for mistake in refused.value.mistakes}
    assert words in found.get(place, ""), found
    assert len(found) == 1 + ("peple" in text)


def test_more_than_fifty_are_refused() -> None:
    text = "schedules:\n" + "".join(f"  a{number}: {{timezone: UTC, {PEOPLE}}}\n" for number in range(51))
    with pytest.raises(InvalidConfig, match="there are 51 schedules: 50 are the most"):
        read(text)


PAGES = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("page", ["reference/configuration.md", "how-to/on-call.md"])
def test_what_the_docs_show_can_be_written(page: str) -> None:
    shown = re.findall(r"```yaml\n(schedules:.*?)```", (PAGES / page).read_text("utf-8"), re.DOTALL)
    assert shown
    for text in shown:
        assert read(text)
