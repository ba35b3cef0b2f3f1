"""``python -m tests.screenshots.digests``: a digest on a phone with its picture below, for docs/how-to/digests.md.

Look at them after taking them; ``--try`` also draws what no page shows: a quiet week, a day, a month.
"""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from bot.blocks.chart_text import chart_in_words, chart_title
from bot.blocks.report import report
from bot.drawing import draw
from incidents.digests.model import Edition
from tests.screenshots.cards import link_to
from tests.screenshots.phone import a_phone, picture
from tests.unit.bot.editions import DAY, UNTIL, WEEK, a_report, a_trend, episodes

FOLDER = Path(__file__).parents[2] / "docs" / "images" / "digests"
MONTH = Edition(9, "#payments", UNTIL - timedelta(days=30), UNTIL, WEEK.zone)


async def main() -> None:
    message, trend = report(a_report(), link_to=link_to), a_trend()
    async with a_phone() as phone:
        await picture(await phone.post(message.text, message.blocks), FOLDER / "weekly.png")
        below = await phone.post_picture(draw(trend), title=chart_title(trend), alt=chart_in_words(trend))
        await picture(below, FOLDER / "chart.png")


def try_some(folder: Path) -> None:
    for name, trend in {
        "quiet": a_trend(WEEK, []),
        "few": a_trend(WEEK, episodes(every=timedelta(hours=40))),
        "day": a_trend(DAY, episodes(DAY, every=timedelta(minutes=50))),
        "month": a_trend(MONTH, episodes(MONTH, every=timedelta(hours=5))),
    }.items():
        (folder / f"chart-{name}.png").write_bytes(draw(trend))


if __name__ == "__main__":
    if "--try" in sys.argv:
        try_some(Path(sys.argv[-1]))
    else:
        asyncio.run(main())
