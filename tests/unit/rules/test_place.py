"""Where is an alert from?"""

import pytest

from incidents.model import Place
from incidents.policy import LabelMap
from incidents.rules.place import place


def test_no_label_tells_nothing_and_nothing_is_none() -> None:
    assert place({}, LabelMap()) == Place("", "", "", "")


def test_the_first_label_that_is_present_wins() -> None:
    labels = {"job": "scrape", "app": "pay", "cluster_name": "old", "cluster": "prod-a", "namespace": "pay"}
    assert place(labels, LabelMap()) == Place("prod-a", "pay", "pay", "")


def test_the_namespace_of_what_was_measured_goes_before_the_exporters() -> None:
    assert place({"namespace": "monitoring", "exported_namespace": "pay"}, LabelMap()).namespace == "pay"


def test_an_empty_label_is_absent() -> None:
    assert place({"service_name": "  ", "app": " pay "}, LabelMap()).service == "pay"


@pytest.mark.parametrize("name", ["service", "job"])
def test_a_service_that_names_an_exporter_is_passed_over(name: str) -> None:
    assert place({name: "robusta-kube-state-metrics"}, LabelMap()).service == ""
    assert place({"service": "kube-state-metrics", "deployment": "pay"}, LabelMap()).service == "pay"


def test_the_phase_of_a_pod_is_no_phase() -> None:
    assert place({"phase": "Failed"}, LabelMap()).phase == ""
    assert place({"phase": "Failed", "environment": "staging"}, LabelMap()).phase == "staging"


def test_a_team_names_its_own_labels() -> None:
    assert place({"squad": "pay", "service": "x"}, LabelMap(service=("squad",))).service == "pay"


def test_what_a_team_adds_to_the_names_counts() -> None:
    labels = {"service": "snmp-exporter", "app": "pay", "phase": "Kr-Live"}
    assert place(labels, LabelMap()) == Place(service="snmp-exporter")
    told = place(labels, LabelMap(exporters=("snmp",), phases=frozenset({"kr-live"})))
    assert told == Place(service="pay", phase="Kr-Live")
