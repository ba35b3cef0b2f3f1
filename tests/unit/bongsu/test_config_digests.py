"""The section digests: as it is meant, and every mistake with its place and its mend."""

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from bongsu.config_file import parse_policy
from bongsu.config_mistakes import InvalidConfig
from incidents.digests.model import Digest

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "digests.md"


def read(*said: str) -> tuple[Digest, ...]:
    return parse_policy("digests:\n" + "\n".join(f"  - {{{one}}}" for one in said), name="bongsu.yaml").digests


def one(said: str) -> Digest:
    [digest] = read(said)
    return digest


def test_all_that_can_be_said() -> None:
    said = 'channel: "#payments", every: weekly, at: "Mon 09:00", timezone: Asia/Seoul, services: [Payments, checkout]'
    digest = one(f"{said}, chart: false")
    seoul = ZoneInfo("Asia/Seoul")
    wanted = Digest("", "#payments", "0 9 * * mon", seoul, ("payments", "checkout"), chart=False)
    assert replace(digest, name="") == wanted


@pytest.mark.parametrize(
    ("said", "cron"),
    [
        ('every: daily, at: "9:05"', "5 9 * * *"),
        ('every: weekly, at: "sunday 23:30"', "30 23 * * sun"),
        ('cron: " 0  9 * * 1 "', "0 9 * * 1"),
    ],
)
def test_when_it_is_due(said: str, cron: str) -> None:
    assert one(f"channel: C1, timezone: UTC, {said}").cron == cron


def test_its_name_changes_with_its_times_and_with_nothing_else() -> None:
    said = "timezone: UTC, every: daily"
    first = one(f'channel: C1, {said}, at: "09:00"')
    assert one(f'channel: C1, {said}, at: "09:00", chart: false').name == first.name
    others = read(f'channel: C1, {said}, at: "10:00"', f'channel: C2, {said}, at: "09:00"')
    assert len({first.name, *(other.name for other in others)}) == 3
    assert max(len(other.name) for other in read(f'channel: "#{"x" * 200}", {said}, at: "09:00"')) <= 128


def test_its_channel_is_one_that_bongsu_looks_after() -> None:
    policy = parse_policy('digests: [{channel: "#w", every: daily, at: "09:00", timezone: UTC}]', name="x")
    assert "#w" in policy.channels


START = 'digests:\n  - {channel: "#ops", timezone: UTC, '
MISTAKES = [
    ("digests: daily", (1, 10), "a list is needed"),
    ('digests:\n  - {every: daily, at: "09:00"}', (2, 5), "'channel' is missing: write it"),
    ('digests:\n  - {channel: ops, timezone: UTC, every: daily, at: "09:00"}', (2, 15), "'ops' is no channel"),
    ('digests:\n  - {channel: C1, timezone: Asia/Seul, every: daily, at: "9:00"}', (2, 29), "mean 'Asia/Seoul'"),
    (f'{START}every: daily, at: "09:00", chrat: no}}', (2, 65), "there is no such key 'chrat': did you mean 'chart'?"),
    (f'{START}every: monthly, at: "09:00"}}', (2, 45), "'monthly' can't be used: use daily or weekly"),
    (f"{START}every: daily}}", (2, 5), "'at' is missing: write at: \"09:00\""),
    (f"{START}every: weekly}}", (2, 5), "'at' is missing: write at: \"Mon 09:00\""),
    (f'{START}every: daily, at: "Mon 09:00"}}', (2, 56), "a daily digest comes on every weekday. Write \"09:00\""),
    (f'{START}every: weekly, at: "09:00"}}', (2, 57), "on which day? Write \"Mon 09:00\""),
    (f'{START}every: daily, at: "25:00"}}', (2, 56), "'25:00' is no time: write \"Mon 09:00\", or \"09:00\""),
    (f"{START}every: daily, at: 900}}", (2, 56), "'900' is no time"),
    (f'{START}at: "09:00"}}', (2, 5), "when? Write every: daily"),
    (f'{START}cron: "0 9 * * 1", every: weekly}}', (2, 57), "beside 'cron' it is one too many: leave 'every' out"),
    (f'{START}cron: "0 9 * *"}}', (2, 44), "has 4 fields, not five"),
    (f'{START}cron: "*/5 * * * *"}}', (2, 44), "comes more often than once an hour"),
    (f'{START}cron: "0 0 31 2 *"}}', (2, 44), "is a day that never comes"),
    (f"{START}cron: 9}}", (2, 44), "9 is no crontab line: write it in quotes"),
    (f'{START}cron: "0 9 * * 1", services: [a, " "]}}', (2, 71), "an empty name is in the list"),
    (f'{START}cron: "0 9 * * 1"}}\n  - {{channel: "#ops", timezone: UTC, cron: "0 9 * * 1", chart: false}}', (3, 5),
     "the same digest stands above: leave one of them out"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "words"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_has_its_place_and_its_mend(text: str, place: tuple[int, int], words: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        parse_policy(text, name="bongsu.yaml")
    found = [(mistake.line, mistake.column) for mistake in refused.value.mistakes if words in mistake.problem]
    assert found == [place], [str(mistake) for mistake in refused.value.mistakes]


def test_the_most_of_them() -> None:
    with pytest.raises(InvalidConfig, match="there are 51 digests: 50 are the most"):
        read(*(f'channel: "#c{n}", timezone: UTC, every: daily, at: "09:00"' for n in range(51)))


def test_what_the_page_shows_is_right() -> None:
    shown = PAGE.read_text("utf-8").split("```yaml\n")[1:]
    examples = [one.partition("```")[0] for one in shown]
    assert len(examples) >= 2
    for example in examples:
        assert len(parse_policy(example, name="x").digests) == len(yaml.safe_load(example)["digests"])
