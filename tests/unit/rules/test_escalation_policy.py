"""By which policy is an incident escalated?"""

from datetime import timedelta

import pytest

from incidents.escalation.model import DEFAULT, NONE, EscalationPolicy, Step
from incidents.model import Severity
from incidents.policy import Policy, Route
from incidents.rules.escalation_policy import BUILT_IN, CRITICAL, ERROR, WARNING, known, policy_for

PAGE = EscalationPolicy("page", (Step(timedelta(minutes=1)),))
FILES = EscalationPolicy(DEFAULT, (Step(timedelta(minutes=2)),))
NARROW = EscalationPolicy(DEFAULT, (Step(timedelta(minutes=2)),), severities=frozenset({Severity.CRITICAL}))
ANY = Route("#incidents")


def route(**named: str) -> Route:
    return Route("#payments", escalation={Severity(severity): name for severity, name in named.items()})


@pytest.mark.parametrize(
    ("severity", "chosen"),
    [
        (Severity.CRITICAL, CRITICAL),
        (Severity.ERROR, ERROR),
        (Severity.WARNING, WARNING),
        (Severity.INFO, None),
        (Severity.UNKNOWN, None),
    ],
)
def test_an_empty_file_escalates_by_severity(severity: Severity, chosen: EscalationPolicy | None) -> None:
    assert policy_for(Policy(), ANY, severity) is chosen


def test_the_graver_it_is_the_sooner_and_the_louder() -> None:
    every = [CRITICAL, ERROR, WARNING]
    minutes = [[step.after // timedelta(minutes=1) for step in one.steps] for one in every]
    assert minutes == [[5, 15, 30], [15, 60], [60]]
    assert all(step.broadcast for one in every for step in one.steps), "nobody is known whom they could mention"
    assert [one.repeat for one in every] == [timedelta(minutes=30), timedelta(hours=2), None]
    assert [one.acknowledge_timeout for one in every] == [timedelta(hours=1), timedelta(hours=4), None]


@pytest.mark.parametrize("severity", Severity)
def test_the_files_default_goes_before_what_is_built_in(severity: Severity) -> None:
    assert policy_for(Policy(escalations={DEFAULT: FILES}), ANY, severity) is FILES


def test_a_route_names_one_for_each_severity() -> None:
    policy = Policy(escalations={"page": PAGE, DEFAULT: FILES})
    named = route(critical="page", warning=NONE)
    assert policy_for(policy, named, Severity.CRITICAL) is PAGE
    assert policy_for(policy, named, Severity.WARNING) is None
    assert policy_for(policy, named, Severity.ERROR) is FILES, "the route says nothing of it"


def test_a_policy_escalates_only_what_it_is_for() -> None:
    policy = Policy(escalations={DEFAULT: NARROW})
    assert policy_for(policy, ANY, Severity.CRITICAL) is NARROW
    assert policy_for(policy, ANY, Severity.ERROR) is None, "what is built in doesn't stand in for it"


def test_a_name_that_nobody_knows_pages_by_the_default() -> None:
    assert policy_for(Policy(escalations={DEFAULT: FILES}), route(error="gone"), Severity.ERROR) is FILES
    assert policy_for(Policy(), route(error="gone"), Severity.ERROR) is ERROR


def test_a_policy_is_found_by_its_name() -> None:
    policy = Policy(escalations={"page": PAGE})
    assert known(policy, "page") is PAGE
    assert [known(policy, one.name) for one in BUILT_IN] == list(BUILT_IN)
    assert known(policy, "gone") is None
    assert known(policy, DEFAULT) is None
    assert known(policy, NONE) is None
