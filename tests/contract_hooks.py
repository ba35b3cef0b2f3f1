"""What schemathesis is told that no schema says. It loads this in its own process."""

import re
from typing import Any

import schemathesis

INCIDENTS = 8
"""As many there are at least, when a run begins."""
SOMEBODY = "U0ALICE"
_LONGEST_CURSOR = 1000
_PEOPLE = {"to", "assignee", "person"}
OWN_KEY = "1"
"""Of the key that all this is tried with: revoked, it would try nothing any more."""
_REFERENCE = re.compile(r"([Ii][Nn][Cc]-)?[1-9][0-9]{0,17}")
_PERSON = re.compile(r"[UW][A-Z0-9]{1,30}")


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Whatever names an incident or a person rightly, names one that there is: made-up ones lead nowhere.

    So does a made-up cursor: it is left out.
    """
    incident = (case.path_parameters or {}).get("incident")
    if isinstance(incident, str) and _REFERENCE.fullmatch(incident):
        number = int(incident.rpartition("-")[2]) % (INCIDENTS + 1)  # now and then one that is not there
        case.path_parameters["incident"] = f"INC-{number}" if number else "INC-999999"
    person = (case.headers or {}).get("On-Behalf-Of")
    if isinstance(person, str) and _PERSON.fullmatch(person):
        case.headers["On-Behalf-Of"] = SOMEBODY
    cursor = (case.query or {}).get("cursor")
    if isinstance(cursor, str) and 1 <= len(cursor) <= _LONGEST_CURSOR:
        del case.query["cursor"]
    if isinstance(case.body, dict):
        for field in _PEOPLE & case.body.keys():
            if isinstance(case.body[field], str) and _PERSON.fullmatch(case.body[field]):
                case.body[field] = SOMEBODY
    if str((case.path_parameters or {}).get("key")) == OWN_KEY:
        case.path_parameters["key"] = 2
