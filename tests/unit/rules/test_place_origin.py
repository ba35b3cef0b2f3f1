from hypothesis import given
from hypothesis import strategies as st

from incidents.model import Place
from incidents.policy import LabelMap
from incidents.rules.place import place
from incidents.rules.place_origin import Origin, Part, origins

MAP = LabelMap()


def told(where: Place, labels: dict[str, str] | None = None, **defaults: dict[str, str]) -> list[Part]:
    given_by = {"of_url": {}, "of_file": {}, **defaults}
    return origins(where, labels or {}, MAP, of_url=given_by["of_url"], of_file=given_by["of_file"])


def test_each_part_is_told_by_the_first_believable_label() -> None:
    labels = {"cluster": " prod-a ", "app": "checkout", "service": "node-exporter", "env": "prod", "phase": "Failed"}
    assert told(Place("prod-a", "", "checkout", "prod"), labels) == [
        Part("cluster", "prod-a", Origin.LABEL, "cluster"),
        Part("service", "checkout", Origin.LABEL, "app"),
        Part("phase", "prod", Origin.LABEL, "env"),
    ]


def test_where_no_label_tells_it_the_address_beats_the_file() -> None:
    defaults = {"of_url": {"cluster": "prod-a"}, "of_file": {"cluster": "prod-b", "service": "checkout"}}
    assert told(Place("prod-a", service="checkout"), **defaults) == [
        Part("cluster", "prod-a", Origin.URL),
        Part("service", "checkout", Origin.FILE),
    ]


def test_a_cluster_that_nobody_names_is_its_sender() -> None:
    assert told(Place("1@grafana")) == [Part("cluster", "1@grafana", Origin.SENDER)]


def test_what_would_not_be_told_today_is_said_to_be_of_earlier_settings() -> None:
    assert told(Place(service="checkout"), {"service": "shop"}) == [Part("service", "checkout", Origin.EARLIER)]
    assert told(Place(service="checkout"), {"service": "shop"}, of_url={"service": "checkout"})[0].origin is (
        Origin.EARLIER
    )


def test_a_value_that_was_too_long_for_its_column_is_known_again() -> None:
    [part] = told(Place(service="x" * 254 + "…"), {"service": "x" * 300})
    assert (part.origin, part.label) == (Origin.LABEL, "service")


NAMES = st.sampled_from([*MAP.cluster, *MAP.namespace, *MAP.service, *MAP.phase, "other"])
VALUES = st.sampled_from(["", " ", "a", " b ", "prod", "Failed", "node-exporter", "kube-state-metrics", "staging"])


@given(st.dictionaries(NAMES, VALUES))
def test_every_part_that_labels_tell_is_found_under_its_label(labels: dict[str, str]) -> None:
    where = place(labels, MAP)
    parts = told(where, labels)
    assert [part.name for part in parts] == [name for name in Place.__slots__ if getattr(where, name)]
    assert all(part.origin is Origin.LABEL and labels[part.label].strip() == part.value for part in parts)
