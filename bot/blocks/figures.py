"""The answer to ``/incident stats``: each figure with how many it is of, and what was left out beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks.kit import context, section
from bot.blocks.text import data, duration, when
from bot.blocks.words import end_in_words
from bot.language import t, tn
from bot.message import Block, Message
from incidents.statistics import FEWEST, Figures, Past, Rule, Share, Spread

_LONGEST_RULE = 60


@dataclass(frozen=True, slots=True)
class Told:
    """``typed`` is how these figures are asked for, as mrkdwn."""

    figures: Figures
    past: Past
    typed: str


def figures_message(told: Told) -> Message:
    figures, past = told.figures, told.past
    blocks = [
        section("head", f"*{_head(told)}*", _counts(figures), _open(past)),
        section("acknowledged", *_acknowledged(figures)),
        section("ended", *_ended(figures)),
        *_left_out(figures),
        *_rules("alerts", t("*Rules with the most alerts*"), past.alerts),
        *_rules("incidents", t("*Rules with the most incidents*"), figures.noisiest),
        context("typed", _tail(told)),
    ]
    return Message(f"{_head(told)} {_counts(figures)} {_open(past)}", blocks)


def _head(told: Told) -> str:
    return t("Since {when}, for {typed}:", when=when(told.past.since), typed=told.typed)


def _counts(figures: Figures) -> str:
    opened = tn("{count} incident opened.", "{count} incidents opened.", figures.opened)
    return f"{opened} {tn('{count} ended.', '{count} ended.', figures.ended)}"


def _open(past: Past) -> str:
    if past.oldest is None:
        return t("None is open now.")
    return tn(
        "{count} is open now, since {since}: {name}.",
        "{count} are open now, the oldest since {since}: {name}.",
        past.open_now, since=when(past.oldest.start_time), name=past.oldest.name,
    )  # fmt: skip


def _acknowledged(figures: Figures) -> Sequence[str]:
    return (
        t("*Time to acknowledge (MTTA)*"),
        _spread(figures.acknowledged),
        t("Within 5 min: {share}", share=_share(figures.quick)),
        t("Within 15 min: {share}", share=_share(figures.soon)),
        t("Recovered before anybody did: {share}", share=_share(figures.untouched)),
    )


def _ended(figures: Figures) -> Sequence[str]:
    covered = figures.covered
    return (
        t("*Time to recover (MTTR)*"),
        _spread(figures.recovered),
        t("MTTR covers {percent} % of {count}.", percent=covered.percent, count=f"{covered.of:,}")
        if covered.of
        else "",
        t("Opened again within the reopen window: {share}", share=_share(figures.false_recoveries)),
        t("*Time to close by hand*"),
        _spread(figures.closed),
    )


def _spread(spread: Spread) -> str:
    """The mean comes last: a few very long ones make it say little."""
    if spread.median is None or spread.p90 is None or spread.mean is None:
        return tn(
            "{count} so far: told from {fewest} on.", "{count} so far: told from {fewest} on.", spread.n, fewest=FEWEST
        )
    return t(
        "median {median} · 90 % within {p90} · mean {mean} · n = {n}",
        median=duration(spread.median), p90=duration(spread.p90), mean=duration(spread.mean), n=f"{spread.n:,}",
    )  # fmt: skip


def _share(share: Share) -> str:
    """In per cent where that says more than the numbers."""
    if share.of < FEWEST:
        return t("{n} of {of}", n=share.n, of=share.of)
    return t("{percent} % ({n} of {of})", percent=share.percent, n=f"{share.n:,}", of=f"{share.of:,}")


def _left_out(figures: Figures) -> list[Block]:
    if not figures.left_out:
        return []
    lines = [f"• {end_in_words(resolution.value)}: {count:,}" for resolution, count in figures.left_out.items()]
    return [section("left-out", t("*Ended otherwise, and left out of MTTR*"), *lines)]


def _rules(block_id: str, head: str, rules: Sequence[Rule]) -> list[Block]:
    lines = [f"• {data(rule.name or rule.uid, _LONGEST_RULE)}: {rule.count:,}" for rule in rules]
    return [section(block_id, head, *lines)] if lines else []


def _tail(told: Told) -> str:
    if told.past.is_cut:
        return t("More has happened in the time that was asked for than is read at once, so it begins later.")
    return t("Other times and services: `/incident stats payments 30d`")
