"""A made-up month of a shop's alerts, for a picture of the dashboards: the same each time, but for its dates."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.integration.dashboards.seeds import Past, Seed

DAYS = 29
_MINUTES = 24 * 60


@dataclass(frozen=True)
class _Rule:
    """``a_day``: incidents, on a weekday. ``lasts``, ``responds``: typical minutes. ``noise``: the share that is."""

    name: str
    severity: str
    service: str
    cluster: str
    namespace: str
    a_day: float
    lasts: float
    responds: float
    noise: float = 0.02
    alone: float = 0.1
    """The share to which nobody responds before it recovers."""
    alerts: int = 6
    at_night: bool = False


RULES = (
    _Rule("checkout-5xx", "critical", "checkout", "prod-eu", "shop", 0.9, 7, 2.5, alerts=9),
    _Rule("checkout-latency", "error", "checkout", "prod-us", "shop", 1.4, 18, 5, alerts=7),
    _Rule("payment-declines", "critical", "payments", "prod-eu", "pay", 0.5, 9, 2, alerts=8),
    _Rule("payment-queue", "warning", "payments", "prod-us", "pay", 1.5, 15, 9, alone=0.35),
    _Rule("search-latency", "warning", "search", "prod-eu", "shop", 3.2, 9, 12, noise=0.18, alone=0.6, alerts=5),
    _Rule("cart-errors", "error", "cart", "prod-us", "shop", 0.8, 26, 6),
    _Rule("login-failures", "error", "login", "prod-ap", "id", 0.7, 14, 5),
    _Rule("nightly-backup", "warning", "backup", "prod-eu", "infra", 1.1, 55, 40, noise=0.3, alone=0.5, at_night=True),
    _Rule("disk-full", "warning", "db", "prod-ap", "data", 0.9, 70, 15, alone=0.3, alerts=10),
    _Rule("pod-restarts", "info", "images", "prod-us", "shop", 3.6, 6, 30, noise=0.35, alone=0.85, alerts=4),
)


def busy_past(now: datetime) -> tuple[datetime, Sequence[Seed]]:
    """When it begins, and what happened since then, oldest first; the last of it is open."""
    chance = random.Random(20)
    begin = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    today = (now - begin) / timedelta(minutes=1)
    seeds = [seed for rule in RULES for seed in _of_rule(rule, chance, begin) if seed.at < today - 6 * 60]
    return begin, sorted([*seeds, *_open(today)], key=lambda one: one.at)


def _of_rule(rule: _Rule, chance: random.Random, begin: datetime) -> Iterator[Seed]:
    for day in range(DAYS + 1):
        weekend = (begin + timedelta(days=day)).weekday() >= 5
        outage = 3.5 if day == 24 and rule.service in {"checkout", "cart", "payments"} else 1
        expected = rule.a_day * (0.4 if weekend else 1) * outage
        for _ in range(int(expected) + (chance.random() < expected % 1)):
            yield _incident(rule, chance, day * _MINUTES + _minute(rule, chance), slow=outage > 1)


def _minute(rule: _Rule, chance: random.Random) -> float:
    """Of the day: most happens while people work, and a little always."""
    if rule.at_night:
        return chance.gauss(2.5, 0.4) * 60
    if chance.random() < 0.2:
        return chance.random() * _MINUTES * 0.95
    return min(23.0, max(0.0, chance.gauss(14, 3.2))) * 60


def _incident(rule: _Rule, chance: random.Random, at: float, *, slow: bool) -> Seed:
    lasts = rule.lasts * chance.lognormvariate(0, 0.7) * (2.2 if slow else 1)
    responds = rule.responds * chance.lognormvariate(0, 0.6) * (1.6 if slow else 1)
    ends = chance.random()
    if ends < rule.noise:
        episodes = [Past(0, responds, responds + 0.5, "noise")]
    elif ends > 0.95:
        episodes = [Past(0, responds, responds + lasts * 2, "manual")]
    else:
        alone = chance.random() < rule.alone or responds > lasts
        episodes = [Past(0, None if alone else responds, lasts, "recovered")]
    alerts = max(1, round(rule.alerts * chance.lognormvariate(0, 0.5)))
    return _seed(rule, at, episodes, alerts)


def _open(today: float) -> Iterator[Seed]:
    """What is open, by the minutes before the picture is taken, which is at ``today``."""
    by_name = {rule.name: rule for rule in RULES}
    for name, ago, responded in (
        ("checkout-5xx", 14, 3), ("disk-full", 190, 22), ("search-latency", 7, None), ("pod-restarts", 31, None),
        ("login-failures", 52, 6),
    ):  # fmt: skip
        yield _seed(by_name[name], today - ago, [Past(0, responded)], 3)


def _seed(rule: _Rule, at: float, episodes: list[Past], alerts: int) -> Seed:
    names = {rule.name: "".join(part.capitalize() for part in rule.name.split("-"))}
    return Seed(rule.name, rule.severity, rule.service, rule.cluster, rule.namespace, at, episodes, alerts, names=names)
