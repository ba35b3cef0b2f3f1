import pytest

from incidents.escalation.webhooks import Action, Unwanted
from incidents.model import Status
from incidents.rules.webhook_wanted import why_unwanted

T, A, U, R = Action


@pytest.mark.parametrize(
    ("action", "status", "was_told", "why"),
    [
        (T, Status.ACTIVE, False, None),
        (T, Status.ACKNOWLEDGED, False, None),
        (T, Status.RESOLVED, True, Unwanted.RESOLVED),
        (A, Status.ACKNOWLEDGED, True, None),
        (A, Status.ACKNOWLEDGED, False, Unwanted.NEVER_TOLD),
        (A, Status.ACTIVE, True, Unwanted.CHANGED),
        (A, Status.RESOLVED, True, Unwanted.CHANGED),
        (U, Status.ACTIVE, True, None),
        (U, Status.ACKNOWLEDGED, True, None),
        (U, Status.ACTIVE, False, Unwanted.NEVER_TOLD),
        (U, Status.RESOLVED, True, Unwanted.CHANGED),
        (R, Status.RESOLVED, True, None),
        (R, Status.RESOLVED, False, Unwanted.NEVER_TOLD),
        (R, Status.ACTIVE, True, Unwanted.CHANGED),
    ],
)
def test_what_does_not_matter_any_more_is_dropped(
    action: Action,
    status: Status,
    was_told: bool,
    why: Unwanted | None,
) -> None:
    assert why_unwanted(action, status, is_begun=False, was_told=was_told) is why


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("status", Status)
def test_what_was_begun_goes_out(action: Action, status: Status) -> None:
    assert why_unwanted(action, status, is_begun=True, was_told=False) is None
