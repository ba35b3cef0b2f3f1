"""The last 24 hours of the whole team in a Home: six numbers, side by side where there is room."""

from bot.blocks.kit import header, mrkdwn
from bot.blocks.text import duration
from bot.language import t, tn
from bot.message import Block
from incidents.homes import FEWEST_SAMPLES, HomeView, Numbers, Sample


def numbers(view: HomeView) -> list[Block]:
    """Empty where nothing has happened and nothing is open."""
    told = view.numbers
    if told.is_empty and not view.open:
        return []
    fields = [
        _field(t("Opened"), _count(told.opened, told)),
        _field(t("Resolved"), _count(told.resolved, told)),
        _field(t("Until acknowledged"), _middle(told.acknowledged)),
        _field(t("Until recovered"), _middle(told.recovered)),
        _field(t("Noise"), f"{told.noise:,}"),
        _field(t("Open now"), _open_now(view)),
    ]
    return [
        {"type": "divider", "block_id": "above-numbers"},
        header("title-numbers", t("The last 24 hours")),
        {"type": "section", "block_id": "numbers", "fields": fields},
    ]


def _field(name: str, value: str) -> Block:
    return mrkdwn(f"*{name}*\n{value}")


def _count(count: int, of: Numbers) -> str:
    return f"{count:,}+" if count >= of.most else f"{count:,}"


def _middle(sample: Sample) -> str:
    """The median, which says nothing of a few."""
    if sample.middle is None:
        return t("too few to tell (fewer than {count})", count=FEWEST_SAMPLES)
    return tn("{time}, median of {count}", "{time}, median of {count}", sample.count, time=duration(sample.middle))


def _open_now(view: HomeView) -> str:
    return t("{open}, of which {waiting} not acknowledged", open=f"{view.open:,}", waiting=f"{view.unacknowledged:,}")
