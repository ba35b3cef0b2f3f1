"""What the picture below a digest shows, in words: its title, and the text in its place."""

from datetime import timedelta

from bot.blocks.text import clip, duration
from bot.blocks.words import severity
from bot.language import t
from incidents.digests.report import Step, Trend
from incidents.statistics import Spread

LONGEST_ALT = 1000
"""Characters: https://docs.slack.dev/reference/methods/files.getUploadURLExternal"""


def chart_title(trend: Trend) -> str:
    if trend.length < timedelta(days=1):
        return t("Incidents opened per hour, and time to recover")
    if trend.length < timedelta(days=7):
        return t("Incidents opened per day, and time to recover")
    return t("Incidents opened per week, and time to recover")


def chart_in_words(trend: Trend) -> str:
    """All that can be seen in it; of very many steps, as many as there is room for."""
    told = [f"{chart_title(trend)}.", _recovered(trend)]
    steps = [_step(step, trend) for step in trend.steps if step.figures.opened or trend.length >= timedelta(days=1)]
    return clip(" ".join([*told, *steps] if steps else [*told, t("None opened.")]), LONGEST_ALT)


def _recovered(trend: Trend) -> str:
    return t("MTTR: {now}; before: {before}.", now=_median(trend.recovered), before=_median(trend.before))


def _median(spread: Spread) -> str:
    if spread.median is None:
        return t("too few to tell (n = {n})", n=spread.n)
    return t("median {median} (n = {n})", median=duration(spread.median), n=f"{spread.n:,}")


def _step(step: Step, trend: Trend) -> str:
    told = [f"{step.figures.opened:,}", *_of_which(step), *_recovers(step)]
    return f"{step_name(step, trend.length)}: {', '.join(told)}."


def _of_which(step: Step) -> list[str]:
    graver = sorted(step.figures.severities.items(), key=lambda one: -one[0].rank)
    return [f"{count:,} {severity(one)}" for one, count in graver if count]


def _recovers(step: Step) -> list[str]:
    median = step.figures.recovered.median
    return [] if median is None else [t("MTTR {median}", median=duration(median))]


def step_name(step: Step, length: timedelta) -> str:
    """In figures alone, which every language reads: ``14:00``, ``11-23``."""
    return f"{step.begins:%H:%M}" if length < timedelta(days=1) else f"{step.begins:%m-%d}"
