"""What is the key of an alert's incident made of?"""

from dataclasses import replace

from incidents.model import AlertKind, Place
from incidents.rules.grouping import grouping
from tests.building import cannot_see, firing

WHERE = Place("prod-a", "pay", "checkout", "prod")


def test_what_a_rule_measures_is_told_by_rule_and_place() -> None:
    assert grouping(firing(), WHERE) == ("r1", WHERE)


def test_no_data_is_never_the_incident_of_the_rule_itself() -> None:
    assert grouping(cannot_see(), WHERE) == ("no_data:r1", WHERE)


def test_errors_of_one_data_source_are_one_wherever_its_rules_look_in_a_cluster() -> None:
    errors = [cannot_see(kind=AlertKind.ERROR, rule_uid=rule) for rule in ("r1", "r2")]
    keys = {grouping(error, place) for error in errors for place in (WHERE, Place("prod-a", service="search"))}
    assert keys == {("error:ds-1", Place("prod-a"))}
    assert grouping(errors[0], Place("prod-b")) == ("error:ds-1", Place("prod-b"))


def test_without_a_data_source_errors_are_one_for_the_rule() -> None:
    assert grouping(cannot_see(kind=AlertKind.ERROR, datasource_uid=""), WHERE) == (
        "error_of_rule:r1", Place("prod-a"),
    )  # fmt: skip


def test_a_test_has_a_key_of_its_own() -> None:
    assert grouping(replace(firing(), kind=AlertKind.TEST), WHERE) == ("test:r1", WHERE)
