import pytest
from prometheus_client import CollectorRegistry

from base.codec import CodecError, TooDeep
from incidents.errors import InvalidInput, Unavailable
from receiver.errors import BodyBroken, BodyTooLarge, BodyTooLate, UnknownEncoding, UnknownSource, WrongShape
from receiver.metrics import ReceiverMetrics

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


@pytest.mark.parametrize(("error", "reason"), REASONS)
def test_a_rejected_body_is_counted_by_why(error: Exception, reason: str) -> None:
    registry = CollectorRegistry()
    ReceiverMetrics(registry).refused("grafana", "rejected", error)
    labels = {"source": "grafana", "reason": reason}
    assert registry.get_sample_value("bongsu_deliveries_refused_total", labels) == 1


def test_what_says_nothing_about_the_body_is_not() -> None:
    registry = CollectorRegistry()
    ReceiverMetrics(registry).refused("grafana", "unavailable", Unavailable())
    counted = {"source": "grafana", "status": "unavailable"}
    assert registry.get_sample_value("bongsu_deliveries_total", counted) == 1
    names = {sample.name for metric in registry.collect() for sample in metric.samples}
    assert "bongsu_deliveries_refused_total" not in names
