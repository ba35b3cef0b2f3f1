"""Which open incidents are likely to be about the same trouble?"""

from incidents.model import Place, Resolution, Status
from incidents.rules.merge_suggestion import Likeness, suggestion, suggestions
from tests.building import T0, an_incident, minutes

HERE = Place("prod-a", "pay", "checkout")
MERGED = an_incident(id=1, place=HERE, rule_uid="r1")


def test_each_thing_in_common_is_named_the_strongest_first() -> None:
    other = an_incident(id=2, place=HERE, rule_uid="r1", start_time=minutes(3))
    told = suggestion(MERGED, other)
    assert told.likenesses == (
        Likeness.SERVICE, Likeness.RULE, Likeness.START, Likeness.NAMESPACE, Likeness.CLUSTER,
    )  # fmt: skip
    assert told.score == 13


def test_nothing_in_common_is_nothing() -> None:
    other = an_incident(id=2, place=Place(), rule_uid="r2", start_time=minutes(90))
    assert suggestion(MERGED, other).likenesses == ()


def test_what_both_lack_is_nothing_in_common() -> None:
    nowhere = an_incident(id=1, place=Place(), rule_uid="")
    other = an_incident(id=2, place=Place(), rule_uid="", start_time=minutes(90))
    assert suggestion(nowhere, other).likenesses == ()


def test_the_same_namespace_of_another_cluster_is_another() -> None:
    other = an_incident(id=2, place=Place("prod-b", "pay"), rule_uid="r2", start_time=minutes(90))
    assert suggestion(MERGED, other).likenesses == ()


def test_close_starts_count_and_rather_close_ones_a_little() -> None:
    scores = []
    for apart in (5, 6, 30, 31):
        other = an_incident(id=2, place=Place(), rule_uid="r2", start_time=minutes(apart))
        scores.append(suggestion(MERGED, other).score)
    assert scores == [3, 1, 1, 0]


def test_the_likeliest_come_first_and_what_only_shares_a_cluster_not_at_all() -> None:
    far = minutes(300)
    cluster = an_incident(id=2, place=Place("prod-a"), rule_uid="r2", start_time=far)
    service = an_incident(id=3, place=Place("", "", "checkout"), rule_uid="r2", start_time=far)
    rule = an_incident(id=4, place=Place(), rule_uid="r1", start_time=far)
    split = an_incident(id=5, place=Place(), rule_uid="r9", start_time=far, split_from_id=1)
    told = suggestions(MERGED, [cluster, service, rule, split])
    assert [one.incident.id for one in told] == [5, 3, 4]


def test_itself_and_what_is_resolved_are_never_suggested() -> None:
    over = an_incident(id=2, place=HERE, status=Status.RESOLVED, resolved_time=T0, resolution=Resolution.RECOVERED)
    assert suggestions(MERGED, [MERGED, over]) == []
