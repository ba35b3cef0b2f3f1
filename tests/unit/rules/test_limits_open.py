import pytest

from incidents.keys import incident_key
from incidents.model import AlertKind
from incidents.policy import Limit, Limits
from incidents.rules.limits_open import crowding, rest, rest_title

LIMITS = Limits(incidents_per_rule=500, open_incidents=20_000)


@pytest.mark.parametrize(
    ("of_rule", "in_all", "limit"),
    [
        (0, 0, None),
        (499, 19_999, None),
        (500, 500, Limit.INCIDENTS_PER_RULE),
        (501, 19_999, Limit.INCIDENTS_PER_RULE),
        (0, 20_000, Limit.OPEN_INCIDENTS),
        (500, 20_000, Limit.OPEN_INCIDENTS),
    ],
)
def test_what_keeps_an_incident_from_opening(of_rule: int, in_all: int, limit: Limit | None) -> None:
    assert crowding(of_rule=of_rule, in_all=in_all, limits=LIMITS) is limit


def test_each_rule_has_one_rest_of_each_kind_and_each_source_has_one() -> None:
    keys = {
        incident_key(*rest(limit, kind=kind, rule_uid=rule, source=source))
        for limit in (Limit.INCIDENTS_PER_RULE, Limit.OPEN_INCIDENTS)
        for kind in AlertKind
        for rule in ("r1", "r2", "r3")
        for source in ("grafana", "datadog")
    }
    assert len(keys) == len(AlertKind) * 3 + len(AlertKind) * 2


def test_the_rest_is_called_by_what_it_is_the_rest_of() -> None:
    assert rest_title(Limit.INCIDENTS_PER_RULE, alert_name="Load", limits=LIMITS) == (
        "Load … and more: this rule has 500 open incidents"
    )
    told = rest_title(Limit.OPEN_INCIDENTS, alert_name="Load", limits=LIMITS)
    assert told == "… and more: 20,000 incidents are open"
    assert len(rest_title(Limit.INCIDENTS_PER_RULE, alert_name="x" * 1000, limits=LIMITS)) < 300
