"""A digest in its channel: a day or a week in figures, beside those of the time before, and what is still open."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from bot.blocks.kit import context, header, section, whole_section
from bot.blocks.listing import LinkTo, line
from bot.blocks.text import data, duration, when
from bot.language import t, tn
from bot.message import Block, Message
from incidents.digests.report import Report
from incidents.statistics import FEWEST, Figures, Rule, Share, Spread

_LONGEST_RULE = 60
_LONGEST_SERVICE = 40
_MOST_SERVICES = 10
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_CLOCKS_ARE_SET = timedelta(hours=2)


def report(told: Report, *, link_to: LinkTo) -> Message:
    """``link_to`` tells the address of a message, None where it isn't known."""
    figures, before = told.figures, told.before
    blocks = [
        header("report", t("📊 {title}", title=_title(told))),
        section("time", _time(told), _services(told.edition.services)),
        section("counts", *_counts(figures, before)),
        section("acknowledged", *_acknowledged(figures, before)),
        section("recovered", *_recovered(figures, before)),
        *_noisiest(figures.noisiest),
        *_open(told, link_to),
        context("compared", _compared(told)),
    ]
    return Message(_sentence(told), blocks)


def _title(told: Report) -> str:
    span = told.edition.span
    if abs(span - _DAY) < _CLOCKS_ARE_SET:
        return t("Daily digest")
    if abs(span - _WEEK) < _CLOCKS_ARE_SET:
        return t("Weekly digest")
    return t("Digest of {span}", span=duration(span))


def _time(told: Report) -> str:
    return t("{since} – {until}", since=when(told.begins), until=when(told.edition.until))


def _services(services: Sequence[str]) -> str:
    named = [data(one, _LONGEST_SERVICE) for one in services[:_MOST_SERVICES]]
    more = len(services) - len(named)
    if more:
        return t("Services: {names} and {more} more", names=", ".join(named), more=more)
    return t("Services: {names}", names=", ".join(named)) if named else ""


def _counts(figures: Figures, before: Figures | None) -> Sequence[str]:
    return (
        _beside(t("*Opened:* {count}", count=f"{figures.opened:,}"), None if before is None else f"{before.opened:,}"),
        _beside(t("*Ended:* {count}", count=f"{figures.ended:,}"), None if before is None else f"{before.ended:,}"),
    )


def _beside(now: str, before: str | None) -> str:
    return now if before is None else t("{now} (before: {before})", now=now, before=before)


def _acknowledged(figures: Figures, before: Figures | None) -> Sequence[str]:
    spread = figures.acknowledged
    return (
        _median(t("*Time to acknowledge (MTTA):*"), spread, None if before is None else before.acknowledged),
        _rest(spread),
        t("Within 15 min: {share}", share=_share(figures.soon)) if figures.soon.of else "",
    )


def _recovered(figures: Figures, before: Figures | None) -> Sequence[str]:
    spread, covered = figures.recovered, figures.covered
    return (
        _median(t("*Time to recover (MTTR):*"), spread, None if before is None else before.recovered),
        _rest(spread),
        t("MTTR covers {percent} % of {count}.", percent=covered.percent, count=f"{covered.of:,}")
        if covered.of
        else "",
    )


def _median(name: str, spread: Spread, before: Spread | None) -> str:
    if spread.median is None:
        told = tn(
            "{count} so far: told from {fewest} on.", "{count} so far: told from {fewest} on.", spread.n, fewest=FEWEST
        )
        return f"{name} {told}"
    told = t("median {median}", median=duration(spread.median))
    return _beside(
        f"{name} {told}", duration(before.median) if before is not None and before.median is not None else None
    )


def _rest(spread: Spread) -> str:
    return "" if spread.p90 is None else t("90 % within {p90} · n = {n}", p90=duration(spread.p90), n=f"{spread.n:,}")


def _share(share: Share) -> str:
    if share.of < FEWEST:
        return t("{n} of {of}", n=share.n, of=share.of)
    return t("{percent} % ({n} of {of})", percent=share.percent, n=f"{share.n:,}", of=f"{share.of:,}")


def _noisiest(rules: Sequence[Rule]) -> Iterable[Block]:
    lines = [f"• {data(rule.name or rule.uid, _LONGEST_RULE)}: {rule.count:,}" for rule in rules]
    return [section("noisiest", t("*Rules with the most incidents*"), *lines)] if lines else []


def _open(told: Report, link_to: LinkTo) -> Iterable[Block]:
    """In sections of a few, since one holds 3,000 characters."""
    page = told.still_open
    if not page.total:
        return [section("open", t("*Still open:* nothing"))]
    lines = [line(one.incident, url=link_to(*one.card) if one.card else None) for one in page.listed]
    more = page.total - len(lines)
    if more > 0:
        lines.append(tn("and {count} more: `/incident list`", "and {count} more: `/incident list`", more))
    head = t("*Still open ({count})*, gravest first, then longest", count=f"{page.total:,}")
    return [
        section("open", head),
        *(whole_section(f"open-{at}", *lines[at : at + 4]) for at in range(0, len(lines), 4)),
    ]


def _compared(told: Report) -> str:
    if told.before is None:
        return t("More has happened than is read at once, so it is compared with nothing.")
    return t("Before: {since} – {until}", since=when(told.edition.before), until=when(told.edition.since))


def _sentence(told: Report) -> str:
    """For whom reads or hears only the one sentence."""
    figures = told.figures
    opened = tn("{count} incident opened.", "{count} incidents opened.", figures.opened)
    ended = tn("{count} ended.", "{count} ended.", figures.ended)
    still = tn("{count} is still open.", "{count} are still open.", told.still_open.total)
    return f"{_title(told)}: {opened} {ended} {still} {_names(told)}".rstrip()


def _names(told: Report) -> str:
    names = ", ".join(one.incident.name for one in told.still_open.listed)
    return t("The gravest: {names}.", names=names) if names else ""
