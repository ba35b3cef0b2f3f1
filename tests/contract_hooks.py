"""What schemathesis is told that no schema says. It loads this in its own process."""

import re
from collections.abc import MutableMapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import schemathesis

INCIDENTS = 8
"""As many there are at least, when a run begins."""
SOMEBODY = "U0ALICE"
OWN_KEY, ANOTHER_KEY = "1", "2"
"""Revoked, the key that all this is tried with would try nothing any more."""
_EARLIER, _LATER = (f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}" for days in (-3, 3))
"""The second is late enough for what must be to come, and soon enough for what may not be too far off."""
_REFERENCE = re.compile(r"([Ii][Nn][Cc]-)?[1-9][0-9]{0,17}")
_PERSON = re.compile(r"[UW][A-Z0-9]{1,30}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*|)")
_CURSOR = re.compile(r"[A-Za-z0-9_-]{1,1000}")
_BARE_VERSION = re.compile(r"[0-9]{1,18}")
_OF_INCIDENTS = frozenset({"incident", "into"})
_OF_PEOPLE = frozenset({"On-Behalf-Of", "to", "person", "assignee"})
_BEGINNINGS = ("since", "from")
_LONG = 4000
"""Bytes. The request line has room for 8,190; whatever is longer is answered before anybody looks at it."""
_TOO_LONG = "x" * 1100
"""For each parameter there is."""


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Whatever names an incident, a person or a time rightly, names one that will do: made-up ones lead nowhere."""
    for told in (case.path_parameters, case.query, case.headers, case.body):
        if isinstance(told, MutableMapping):
            told.update(_likely("", dict(told)))
    for name, value in (case.query or {}).items():
        if isinstance(value, str) and len(quote(value)) > _LONG:
            case.query[name] = _TOO_LONG
    if _CURSOR.fullmatch(str((case.query or {}).get("cursor", ""))):
        del case.query["cursor"]  # it is signed: none that is made up can be right
    version = (case.headers or {}).get("If-Match")
    if isinstance(version, str) and _BARE_VERSION.fullmatch(version):
        case.headers["If-Match"] = f'"{version}"'  # what it makes up for "0" is sent without the quotes


def _likely(name: str, value: Any) -> Any:
    match value:
        case dict():
            return {key: _likely(str(key), one) for key, one in value.items()}
        case list():
            return [_likely(name, one) for one in value]
        case str() if name in _OF_INCIDENTS and _REFERENCE.fullmatch(value):
            number = int(value.rpartition("-")[2]) % (INCIDENTS + 1)  # now and then one that is not there
            return f"INC-{number}" if number else "INC-999999"
        case str() | int() if (name, str(value)) == ("key", OWN_KEY):
            return ANOTHER_KEY
        case str() if name in _OF_PEOPLE and _PERSON.fullmatch(value):
            return SOMEBODY
        case str() if time := _TIME.fullmatch(value):
            return (_EARLIER if name.endswith(_BEGINNINGS) else _LATER) + time[1]
        case _:
            return value
