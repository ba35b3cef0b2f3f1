"""What schemathesis is told that no schema says. It loads this in its own process."""

import re
from typing import Any

import schemathesis

INCIDENTS = 8
"""As many there are at least, when a run begins."""
SOMEBODY = "U0ALICE"
_REFERENCE = re.compile(r"([Ii][Nn][Cc]-)?[1-9][0-9]{0,17}")
_PERSON = re.compile(r"[UW][A-Z0-9]{1,30}")


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Whatever names an incident or a person rightly, names one that there is: made-up ones lead nowhere."""
    incident = (case.path_parameters or {}).get("incident")
    if isinstance(incident, str) and _REFERENCE.fullmatch(incident):
        number = int(incident.rpartition("-")[2]) % (INCIDENTS + 1)  # now and then one that is not there
        case.path_parameters["incident"] = f"INC-{number}" if number else "INC-999999"
    person = (case.headers or {}).get("On-Behalf-Of")
    if isinstance(person, str) and _PERSON.fullmatch(person):
        case.headers["On-Behalf-Of"] = SOMEBODY
