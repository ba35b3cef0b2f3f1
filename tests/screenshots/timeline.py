"""`python -m tests.screenshots.timeline` draws docs/images/escalation.svg: what is built in for critical, in time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from pathlib import Path
from xml.sax.saxutils import escape

from bongsu.escalation.future import Page, pages
from incidents.model import Severity
from incidents.policy import Paging
from incidents.rules.escalation_policy import CRITICAL
from incidents.rules.worsening import CONFIRM_WITHIN

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "escalation.svg"

OPENS = datetime(2026, 1, 2, 10, tzinfo=UTC)
TAKEN = OPENS + timedelta(minutes=20)
_WIDTH, _HEIGHT = 900, 392
_LEFT, _MINUTE = 64, 6.3
_FIRST, _SECOND = 128, 290
_QUIET, _LOUD = "#e0701f", "#8a2b1d"
_STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: #1d2733 }
.lane { font-size: 15px; font-weight: 600 }
.small { font-size: 12px; fill: #55616e }
.number { font-weight: 700; fill: #fff }
.middle { text-anchor: middle }
.axis { stroke: #aab4bf; stroke-width: 2 }
.taken { stroke: #2f8f5b; stroke-width: 5 }
.open { stroke: #d1432f; stroke-width: 5 }
.later { stroke-dasharray: 3 6 }
.round { stroke: #aab4bf; fill: none }
"""


def drawn() -> str:
    """The whole picture."""
    parts = [*_nobody(), *_somebody()]
    title = "Two timelines of a critical incident, one that nobody takes and one that Alice takes and forgets"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" role="img">',
            f"<title>{title}</title>",
            f"<style>{_STYLE}</style>",
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" rx="10" fill="#fff"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _nobody() -> Iterator[str]:
    coming = list(islice(_pages(), 2 * len(CRITICAL.steps)))
    end = coming[-1].at + timedelta(minutes=40)
    yield _text(24, 36, "Nobody takes it", "lane")
    yield _text(24, 56, "it goes on, round after round, until somebody does", "small")
    yield _line(OPENS, coming[-1].at + timedelta(minutes=20), _FIRST, "open")
    yield _line(coming[-1].at + timedelta(minutes=20), end, _FIRST, "open later")
    yield from _opens(_FIRST)
    for page in coming:
        yield from _page(page, _FIRST)
    for one in sorted({page.paged.round for page in coming}):
        yield from _round(one, [page for page in coming if page.paged.round == one])


def _somebody() -> Iterator[str]:
    assert CRITICAL.acknowledge_timeout is not None
    asked = TAKEN + CRITICAL.acknowledge_timeout
    lapsed = asked + CONFIRM_WITHIN
    again = list(islice(_pages(lapsed), 2))
    yield _text(24, _SECOND - 66, f"Alice takes it at {TAKEN:%H:%M}, and forgets it", "lane")
    yield _text(24, _SECOND - 46, "while somebody has it nobody else is paged", "small")
    yield _line(OPENS, TAKEN, _SECOND, "open")
    yield _line(TAKEN, lapsed, _SECOND, "taken")
    yield _line(lapsed, again[-1].at, _SECOND, "open")
    yield _line(again[-1].at, again[-1].at + timedelta(minutes=20), _SECOND, "open later")
    yield from _opens(_SECOND)
    for page in [*takewhile(lambda page: page.at < TAKEN, _pages()), *again]:
        yield from _page(page, _SECOND)
    yield from _mark(TAKEN, _SECOND, "#2f8f5b", "✓", "")
    yield _text(_x(TAKEN) + 20, _SECOND - 14, "Alice takes it", "small")
    yield from _mark(asked, _SECOND, "#2b6cb0", "?", f"{asked:%H:%M}")
    yield _text(_x(asked), _SECOND + 56, "“Do you still work on it?”", "small middle")
    yield _text(_x(lapsed) - 4, _SECOND - 44, "no answer within", "small")
    yield _text(
        _x(lapsed) - 4, _SECOND - 28, f"{CONFIRM_WITHIN // timedelta(minutes=1)} minutes: nobody has it", "small"
    )
    yield from _legend()


def _legend() -> Iterator[str]:
    for x, colour, told in ((34, _QUIET, "pages in the thread"), (184, _LOUD, "pages in thread and channel")):
        yield f'<circle cx="{x}" cy="{_HEIGHT - 24}" r="7" fill="{colour}"/>'
        yield _text(x + 14, _HEIGHT - 20, told, "small")


def _pages(since: datetime = OPENS) -> Iterator[Page]:
    return pages(CRITICAL, Paging(), Severity.CRITICAL, since=since)


def _x(at: datetime) -> float:
    return round(_LEFT + (at - OPENS) / timedelta(minutes=1) * _MINUTE, 1)


def _text(x: float, y: float, told: str, kind: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" class="{kind}">{escape(told)}</text>'


def _line(begin: datetime, end: datetime, y: float, kind: str) -> str:
    return f'<line x1="{_x(begin):g}" y1="{y}" x2="{_x(end):g}" y2="{y}" class="{kind}"/>'


def _opens(y: float) -> Iterator[str]:
    yield f'<circle cx="{_LEFT}" cy="{y}" r="8" fill="#d1432f"/>'
    yield _text(_LEFT - 10, y + 38, f"{OPENS:%H:%M}", "small middle")
    yield _text(_LEFT - 10, y - 18, "opens", "small middle")


def _page(page: Page, y: float) -> Iterator[str]:
    colour = _LOUD if page.step.broadcast else _QUIET
    return _mark(page.at, y, colour, str(page.paged.position), f"{page.at:%H:%M}")


def _mark(at: datetime, y: float, colour: str, sign: str, below: str) -> Iterator[str]:
    yield f'<circle cx="{_x(at):g}" cy="{y}" r="14" fill="{colour}" stroke="#fff" stroke-width="3"/>'
    yield _text(_x(at), y + 5, sign, "number middle")
    if below:
        yield _text(_x(at), y + 38, below, "small middle")


def _round(number: int, paged: list[Page]) -> Iterator[str]:
    begin, end, y = _x(paged[0].at) - 12, _x(paged[-1].at) + 12, _FIRST - 28
    yield f'<path d="M{begin:g} {y + 8} V{y} H{end:g} V{y + 8}" class="round"/>'
    yield _text((begin + end) / 2, y - 7, f"round {number}", "small middle")


if __name__ == "__main__":
    PICTURE.write_text(drawn(), encoding="utf-8")
