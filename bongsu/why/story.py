"""``bongsu deliveries show``: everything about one delivery, and what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bongsu.why.plain import ago, line, moment, paragraph
from bongsu.why.table import names
from bot.blocks.reasons import in_words
from incidents.deliveries import AlertFate, DeliveryStatus, KeptDelivery

MOST_FATES = 1000
_START_OF_BODY = 2000
_LONGEST_LINE = 300
_MEND = (
    "  Mend what the sender sends (in Grafana: no custom payload, no message template). If it is a body that Bongsu",
    "  should understand, upgrade Bongsu, then replay it.",
)
_CUT = (
    "  What still fires is sent again by itself, after the sender's repeat interval. Have it send less at once",
    "  (in Grafana: a notification policy that groups by more labels).",
)
_WITHHELD = ("  What still fires is sent again by itself. Mend what the sender sends, so that it is plain JSON.",)


@dataclass(frozen=True, slots=True)
class Story:
    """``now``: aware. ``body``: as kept, unpacked where that can be.

    ``still_wrong``: why a rejected body would be refused today, None: it would be taken. ``is_cut``: only its start
    was kept. ``is_withheld``: nothing was, because of ``redact``.
    """

    kept: KeptDelivery
    fates: Sequence[AlertFate]
    now: datetime
    body: bytes = b""
    still_wrong: str | None = None
    is_cut: bool = False
    is_withheld: bool = False


def told(story: Story) -> str:
    parts = [_headline(story), _alerts(story.fates), _advice(story), _mapping("Headers", story.kept.headers)]
    parts.append(_mapping("Default labels", story.kept.default_labels))
    parts.append(_body(story))
    return "\n".join("".join(f"{one}\n" for one in part) for part in parts if part)


def _headline(story: Story) -> list[str]:
    kept = story.kept
    when = f"{moment(kept.received_at)} UTC ({ago(kept.received_at, story.now)})"
    return [f"Delivery {kept.id} from {line(kept.source, 32)}, {when}", _became(story)]


def _became(story: Story) -> str:
    kept = story.kept
    match kept.status:
        case DeliveryStatus.REJECTED:
            return f"It was refused: {line(kept.error or 'nobody knows why', _LONGEST_LINE)}"
        case DeliveryStatus.REPLAYED:
            error = line(kept.error or "", _LONGEST_LINE)
            return f"It was refused ({error}), and has been taken since, as delivery {kept.other_id}."
        case DeliveryStatus.DUPLICATE:
            return f"It said the very same as delivery {kept.other_id} shortly before, so nothing of it was stored."
        case _:
            return _taken(story.fates)


def _taken(fates: Sequence[AlertFate]) -> str:
    count = f"more than {MOST_FATES:,}" if len(fates) > MOST_FATES else f"{len(fates):,}"
    alerts = f"{count} alert{'' if len(fates) == 1 else 's'}"
    incidents = sorted({fate.incident for fate in fates if fate.incident is not None})
    return f"It was taken: {alerts}, {names(incidents) or 'no incident: the reasons stand beside each'}."


def _alerts(fates: Sequence[AlertFate]) -> list[str]:
    return ["What became of each alert", *(row for fate in fates[:MOST_FATES] for row in _fate(fate))] if fates else []


def _fate(fate: AlertFate) -> list[str]:
    about = "/".join(line(part, 60) for part in fate.place)
    ended = f" to {moment(fate.ends_at)}" if fate.ends_at else ""
    place = f", {about}" if about else ""
    where = f"INC-{fate.incident}" if fate.incident is not None else "no incident"
    return [
        f"  {fate.status} {line(fate.name, 100)} ({fate.severity}{place}), from {moment(fate.starts_at)}{ended}",
        f"    {where}: {in_words(fate.reason)}",
    ]


def _advice(story: Story) -> list[str]:
    kept = story.kept
    match kept.status:
        case DeliveryStatus.REJECTED if story.still_wrong is None:
            return ["What to do", f"  It would be taken today: `bongsu replay {kept.id}`"]
        case DeliveryStatus.REJECTED:
            again = line(story.still_wrong or "", _LONGEST_LINE)
            return ["What to do", f"  It would be refused today, too: {again}", *_remedy(story)]
        case DeliveryStatus.REPLAYED | DeliveryStatus.DUPLICATE:
            return ["What to do", f"  See `bongsu deliveries show {kept.other_id}`"]
        case _:
            return []


def _remedy(story: Story) -> Sequence[str]:
    if story.is_withheld:
        return _WITHHELD
    return _CUT if story.is_cut else _MEND


def _mapping(title: str, values: Mapping[str, str]) -> list[str]:
    rows = [f"  {line(name, 60)}: {line(value, _LONGEST_LINE)}" for name, value in values.items()]
    return [title, *rows] if rows else []


def _body(story: Story) -> list[str]:
    if story.kept.raw_body is None or story.is_withheld:
        return []
    size, text = len(story.kept.raw_body), story.body[: 4 * _START_OF_BODY].decode("utf-8", "replace")
    start = f"; this is its start, {_START_OF_BODY:,} characters" if len(text) > _START_OF_BODY else ""
    return [f"Body ({size:,} bytes kept{start})", *(f"  {one}" for one in paragraph(text, _START_OF_BODY))]
