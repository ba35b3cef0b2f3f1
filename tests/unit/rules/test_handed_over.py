"""Does whoever takes over a schedule take over this incident, too?"""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from incidents.escalation.model import EscalationPolicy, Step
from incidents.model import Place, Severity
from incidents.policy import Policy, Route
from incidents.rules.handed_over import is_handed_over
from incidents.schedules import Schedule
from tests.building import an_incident

PAYMENTS = Schedule("payments", ZoneInfo("UTC"), (), handover_channel="#pay")
OF_PAYMENTS = {"service": frozenset({"payments"})}
PAGED = EscalationPolicy("pay", (Step(timedelta(0), mention=("schedule:payments",)),))
DIRECT = EscalationPolicy("default", (Step(timedelta(0), direct=("schedule:payments",)),))
MENTIONING = Route("#other", OF_PAYMENTS, mention=("schedule:payments",))
ESCALATED = Route("#other", OF_PAYMENTS, escalation={Severity.CRITICAL: "pay"})


@pytest.mark.parametrize(
    ("policy", "service", "severity", "expected"),
    [
        (Policy(routes=(MENTIONING, Route("#pay"))), "payments", Severity.INFO, True),
        (Policy(routes=(MENTIONING, Route("#pay"))), "search", Severity.INFO, False),
        (Policy(routes=(ESCALATED,), escalations={"pay": PAGED}), "payments", Severity.CRITICAL, True),
        (Policy(routes=(ESCALATED,), escalations={"pay": PAGED}), "payments", Severity.INFO, False),
        (Policy(escalations={"default": DIRECT}), "search", Severity.INFO, True),
        (Policy(routes=(Route("#pay", OF_PAYMENTS),)), "payments", Severity.INFO, True),
        (Policy(routes=(Route("#pay", OF_PAYMENTS),)), "search", Severity.INFO, False),
        (Policy(routes=(Route("#other", OF_PAYMENTS, also=("#pay",)),)), "payments", Severity.INFO, True),
    ],
)
def test_what_names_the_schedule_decides_else_its_channel(
    policy: Policy, service: str, severity: Severity, expected: bool
) -> None:
    incident = an_incident(place=Place(service=service), severity=severity)
    assert is_handed_over(incident, PAYMENTS, policy) is expected
