"""From what the sender told to what the rules read."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from incidents.ingest.mapping import mapped
from incidents.keys import incident_key, series_key
from incidents.model import Alert, AlertKind, Place, Severity, SourceAlert
from incidents.policy import LabelMap, Policy, SourcePolicy
from tests.building import T0, a_delivery, cannot_see, firing

BARE: Mapping[str, str] = {"pod": "a"}


def bare(**labels: str) -> SourceAlert:
    return replace(firing("pod-a"), labels={**BARE, **labels})


def map_one(
    told: SourceAlert, labels: LabelMap | None = None, *, url: Mapping[str, str] | None = None, sender: str = ""
) -> Alert:
    delivery = replace(a_delivery(told), default_labels=url or {}, sender=sender)
    [alert] = mapped(delivery, labels or LabelMap(), now=T0)
    return alert


def file(**defaults: str) -> LabelMap:
    return Policy(sources={"grafana": SourcePolicy(defaults), "other": SourcePolicy({"cluster": "wrong"})}).labels


def test_labels_beat_the_url_which_beats_the_file() -> None:
    of_file = file(cluster="f", namespace="f", service="f", phase="f")
    alert = map_one(bare(cluster="own"), of_file, url={"cluster": "u", "namespace": "u", "phase": "u"})
    assert alert.place == Place(cluster="own", namespace="u", service="f", phase="u")


def test_a_sources_defaults_are_nobody_elses() -> None:
    assert map_one(bare(), Policy(sources={"other": SourcePolicy({"cluster": "x"})}).labels).place == Place()


def test_a_default_severity_counts_only_where_no_label_tells_one() -> None:
    alert = map_one(bare(), url={"severity": "P1"})
    assert (alert.severity, alert.severity_raw) == (Severity.CRITICAL, "P1")
    alert = map_one(bare(severity="odd"), url={"severity": "P1"})
    assert (alert.severity, alert.severity_raw) == (Severity.UNKNOWN, "odd")


def test_two_senders_that_tell_no_cluster_never_share_an_incident_or_a_series() -> None:
    one, other = (map_one(bare(), sender=sender) for sender in ("1@a.example", "1@b.example"))
    assert (one.place.cluster, other.place.cluster) == ("1@a.example", "1@b.example")
    assert one.incident_key != other.incident_key
    assert one.series_key != other.series_key


def test_two_urls_with_defaults_of_their_own_do_not_either() -> None:
    one, other = (map_one(bare(), url={"cluster": name}, sender="1@a.example") for name in ("a", "b"))
    assert (one.place.cluster, other.place.cluster) == ("a", "b")
    assert one.series_key != other.series_key


def test_where_the_labels_tell_the_cluster_keys_are_what_they_always_were() -> None:
    alert = map_one(bare(cluster="own"), file(cluster="f"), url={"cluster": "u"}, sender="1@a.example")
    assert alert.series_key == series_key("grafana", "r1", "pod-a")
    assert alert.incident_key == incident_key("r1", Place(cluster="own"))


def test_where_nothing_tells_a_cluster_keys_are_what_they_always_were() -> None:
    alert = map_one(bare())
    assert (alert.place, alert.series_key) == (Place(), series_key("grafana", "r1", "pod-a"))


def test_the_arrival_stands_in_for_a_start_that_is_not_told() -> None:
    assert map_one(replace(bare(), starts_at=None)).starts_at == T0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (bare(dc="a"), bare(dc="b")),
        (bare(dc="a"), bare()),
        (bare(dc="a"), bare(service="a")),
        (bare(severity="critical"), bare(severity="odd")),
        (bare(), replace(bare(), rule_uid="r2")),
        (cannot_see(), replace(cannot_see(), kind=AlertKind.ERROR)),
        (cannot_see(kind=AlertKind.ERROR), cannot_see(kind=AlertKind.ERROR, datasource_uid="ds-2")),
        (bare(), replace(bare(), fingerprint="pod-b", metric_values={"A": 7.0})),
    ],
)
def test_alerts_of_one_delivery_are_each_read_for_themselves(one: SourceAlert, other: SourceAlert) -> None:
    labels = LabelMap(cluster=("dc",))
    together = mapped(a_delivery(one, other, one), labels, now=T0)
    assert together == [map_one(told, labels) for told in (one, other, one)]
    assert together[0] != together[1]
