"""Which incidents a window is of."""

import pytest

from incidents.lifecycle_maintenance import begin_maintenance, end_maintenance
from incidents.maintenance.covers import covering, covers, matches
from incidents.maintenance.marking import marking
from incidents.maintenance.model import Scope
from incidents.model import DECLARED, SYSTEM, EventKind, Place, Severity
from tests.building import an_incident
from tests.unit.maintenance.windows import HOUR, NOW, a_window

PLACE = Place(cluster="Prod-A", namespace="pay", service="Payments", phase="prod")


@pytest.mark.parametrize(
    ("scope", "is_of_it"),
    [
        (Scope(), True),
        (Scope(service=("payments",)), True),
        (Scope(service=("pay",)), False),
        (Scope(service=("search", "payments")), True),
        (Scope(service=("payments",), cluster=("prod-a",)), True),
        (Scope(service=("payments",), cluster=("prod-b",)), False),
        (Scope(namespace=("pay",), phase=("prod",)), True),
        (Scope(rule=("r1",)), True),
        (Scope(rule=("checkout5xx",)), True),
        (Scope(rule=("r2",)), False),
        (Scope(severity=("warning", "info")), True),
        (Scope(severity=("critical",)), False),
    ],
)
def test_every_field_that_is_named_must_agree(scope: Scope, is_of_it: bool) -> None:
    assert matches(scope, PLACE, rules=("r1", "Checkout5xx"), severity=Severity.WARNING) is is_of_it


def test_what_a_person_declared_is_never_covered() -> None:
    window = a_window(scope=Scope())
    assert covers(window, an_incident(), at=NOW)
    assert not covers(window, an_incident(source=DECLARED), at=NOW)
    assert not covers(window, an_incident(), at=NOW + 2 * HOUR)


def test_of_several_the_one_it_is_in_counts_then_the_one_that_lasts_longest() -> None:
    short, long = a_window(id=1, scope=Scope()), a_window(id=2, scope=Scope(), ends_at=NOW + 5 * HOUR)
    assert covering(an_incident(), [short, long], at=NOW) == long
    assert covering(an_incident(maintenance_id=1), [short, long], at=NOW) == short
    assert covering(an_incident(maintenance_id=1), [short, long], at=NOW + 3 * HOUR) == long
    assert covering(an_incident(), [], at=NOW) is None


def test_the_mark_follows_the_windows() -> None:
    window, incident = a_window(scope=Scope()), an_incident()
    began = marking(incident, [window], at=NOW)
    assert began == begin_maintenance(incident, window, by=SYSTEM, now=NOW)
    assert (began.event.kind, began.event.data["name"]) == (EventKind.MAINTENANCE_BEGAN, "everything")
    assert (began.after.maintenance_id, began.after.version) == (3, incident.version + 1)
    assert marking(began.after, [window], at=NOW) is None
    ended = marking(began.after, [window], at=NOW + 2 * HOUR)
    assert ended == end_maintenance(began.after, name="everything", by=SYSTEM, now=NOW + 2 * HOUR)
    assert (ended.event.kind, ended.after.maintenance_id) == (EventKind.MAINTENANCE_ENDED, None)
    assert marking(incident, [], at=NOW) is None
    gone = marking(began.after, [], at=NOW)
    assert gone is not None
    assert gone.event.data == {"name": "#3", "window": 3}


@pytest.mark.parametrize(
    ("scope", "name"),
    [
        (Scope(), "everything"),
        (Scope(service=("payments", "search")), "payments,search"),
        (Scope(service=("payments",), cluster=("prod-a",)), "payments cluster=prod-a"),
        (Scope(rule=("x" * 200,)), f"rule={'x' * 74}…"),
    ],
)
def test_a_window_is_called_as_people_type_it(scope: Scope, name: str) -> None:
    assert scope.name == name
    assert len(scope.name) <= 80
