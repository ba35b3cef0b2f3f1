"""What does a person call one series?"""

from incidents.model import Place
from incidents.policy import LabelMap
from incidents.rules.series_name import series_name

NAMES = LabelMap().series
WHERE = Place(cluster="prod-a", namespace="pay", service="checkout")


def test_a_pod_is_called_by_its_name() -> None:
    assert series_name({"instance": "10.0.0.1:80", "pod": "pay-0"}, NAMES, WHERE, "f00d") == "pay-0"


def test_else_by_the_first_label_that_neither_the_rule_nor_the_place_tells() -> None:
    labels = {
        "alertname": "X",
        "cluster": "prod-a",
        "queue": "mails",
        "severity": "critical",
        "team": "pay",
        "zone": "b",
    }
    assert series_name(labels, NAMES, WHERE, "f00d") == "mails"


def test_else_by_its_service() -> None:
    assert series_name({"alertname": "X", "service": "checkout"}, NAMES, WHERE, "f00d") == "checkout"


def test_else_by_the_beginning_of_its_fingerprint() -> None:
    assert series_name({}, NAMES, Place(), "0123456789abcdef") == "0123456789ab"
