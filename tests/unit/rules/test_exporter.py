"""Does a label name the exporter that measured?"""

import pytest

from incidents.rules.exporter import names_an_exporter


@pytest.mark.parametrize(
    "value",
    [
        "kube-state-metrics", "robusta-kube-state-metrics", "prometheus-node-exporter", "node_exporter", "cAdvisor",
        "Blackbox-Exporter", "integrations/node_exporter",
    ],
)  # fmt: skip
def test_an_exporter_is_recognised(value: str) -> None:
    assert names_an_exporter(value)


@pytest.mark.parametrize("value", ["", "checkout", "node", "exporter", "metrics", "state"])
def test_a_service_is_a_service(value: str) -> None:
    assert not names_an_exporter(value)


def test_a_team_adds_its_own_exporters() -> None:
    assert names_an_exporter("Prod-Snmp-Exporter", ("snmp-exporter",))
    assert names_an_exporter("kube-state-metrics", ("snmp-exporter",))
    assert not names_an_exporter("checkout", ("snmp-exporter",))
