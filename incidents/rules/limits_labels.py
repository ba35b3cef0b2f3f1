"""How much of an alert has a place outside of its raw payload?"""

from collections.abc import Collection, Mapping
from itertools import islice

from base.records import replace
from incidents.model import SourceAlert

LONGEST_NAME = 255
"""Characters: what is called longer is in the raw payload alone."""
MOST_TEXT = 64 * 1024
"""Characters of all labels, or all annotations, of one alert. Longer ones are cut until they fit."""
MORE = "…"
"""Under this name stands how many were left out."""


def bounded(told: SourceAlert, *, most: int, first: Collection[str]) -> SourceAlert:
    """The alert with at most ``most`` labels, annotations and values, those named in ``first`` before others.

    The very same where nothing is too much, as nearly always. Its raw payload is as it was.
    """
    if _is_small(told, most=most):
        return told
    labels = kept(told.labels, most=most, first=first)
    annotations = kept(told.annotations, most=most, first=())
    values = told.metric_values
    if len(values) > most:
        values = dict(islice(sorted(values.items()), most))
    if labels is told.labels and annotations is told.annotations and values is told.metric_values:
        return told
    return replace(told, labels=labels, annotations=annotations, metric_values=values)


def _is_small(told: SourceAlert, *, most: int) -> bool:
    """Whether all of it together is no more than the labels alone might be: found out at half the cost of adding up."""
    labels, annotations = told.labels, told.annotations
    if max(len(labels), len(annotations), len(told.metric_values)) > most:
        return False
    return len("".join((*labels, *labels.values(), *annotations, *annotations.values()))) <= MOST_TEXT


def kept(texts: Mapping[str, str], *, most: int, first: Collection[str]) -> Mapping[str, str]:
    """These texts; where they are too much, the first of them by name, each with its share of the room."""
    if len(texts) <= most and sum(map(len, texts)) + sum(map(len, texts.values())) <= MOST_TEXT:
        return texts
    names = sorted((name for name in texts if len(name) <= LONGEST_NAME), key=lambda name: (name not in first, name))
    names = names[:most]
    share = MOST_TEXT // max(len(names), 1)
    told = {name: cut(texts[name], share) for name in names}
    missing = len(texts) - len(names)
    return {**told, MORE: f"{missing:,} more in raw_payload"} if missing else told


def cut(text: str, longest: int) -> str:
    """At most so many characters, the last one ``…`` where it was cut."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
