import pytest
from prometheus_client import CollectorRegistry

from base.codec import CodecError, TooDeep
from incidents.errors import InvalidInput, Unavailable
from incidents.ingest import Ingested
from incidents.policy import Limit
from receiver.errors import BodyBroken, BodyTooLarge, BodyTooLate, UnknownEncoding, UnknownSource, WrongShape
from receiver.metrics import STATUSES, ReceiverMetrics

REASONS = [
    (CodecError("no"), "not_json"),
    (TooDeep(), "too_deep"),
    (WrongShape("alerts", "no"), "wrong_shape"),
    (InvalidInput("alerts", "no"), "wrong_shape"),
    (BodyTooLarge(5), "too_large"),
    (BodyTooLate(5), "too_late"),
    (BodyBroken("no"), "bad_encoding"),
    (UnknownEncoding("br"), "bad_encoding"),
    (UnknownSource("x", []), "unknown_source"),
]

_REFUSED = "bongsu_deliveries_refused_total"


@pytest.mark.parametrize(("error", "reason"), REASONS)
def test_a_rejected_body_is_counted_by_why(error: Exception, reason: str) -> None:
    registry = CollectorRegistry()
    ReceiverMetrics(registry).refused("grafana", "rejected", error)
    labels = {"source": "grafana", "reason": reason}
    assert registry.get_sample_value(_REFUSED, labels) == 1


def test_what_says_nothing_about_the_body_is_not() -> None:
    registry = CollectorRegistry()
    ReceiverMetrics(registry).refused("grafana", "unavailable", Unavailable())
    counted = {"source": "grafana", "status": "unavailable"}
    assert registry.get_sample_value("bongsu_deliveries_total", counted) == 1
    refused = [one for metric in registry.collect() for one in metric.samples if one.name == _REFUSED]
    assert refused
    assert sum(one.value for one in refused) == 0


def test_what_can_go_wrong_is_there_before_it_does() -> None:
    """Otherwise Prometheus would not see the first time as a rise."""
    registry = CollectorRegistry()
    ReceiverMetrics(registry)
    for status in STATUSES:
        assert registry.get_sample_value("bongsu_deliveries_total", {"source": "grafana", "status": status}) == 0
    for _, reason in REASONS:
        assert registry.get_sample_value(_REFUSED, {"source": "grafana", "reason": reason}) == 0


def test_what_limits_have_cut_is_counted_by_limit_alone() -> None:
    registry = CollectorRegistry()
    metrics = ReceiverMetrics(registry)
    limited = {(Limit.TIMELINE, "r1"): 2, (Limit.TIMELINE, "r2"): 3, (Limit.LABELS, "r1"): 1}
    metrics.taken("grafana", Ingested(1, 6, (), limited=limited), seconds=0.1)
    counted = {limit: registry.get_sample_value("bongsu_limited_total", {"limit": limit.value}) for limit in Limit}
    assert counted == {**dict.fromkeys(Limit, 0), Limit.TIMELINE: 5, Limit.LABELS: 1}


def test_what_a_sender_has_cut_off_is_counted_once() -> None:
    registry = CollectorRegistry()
    metrics = ReceiverMetrics(registry)
    metrics.taken("grafana", Ingested(1, 6, (), hidden=7), seconds=0.1)
    metrics.taken("grafana", Ingested(2, 0, (), hidden=7, duplicate_of=1), seconds=0.1)
    assert registry.get_sample_value("bongsu_hidden_alerts_total", {"source": "grafana"}) == 7
