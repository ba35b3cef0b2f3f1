"""What a schedule of ``bongsu.yaml`` says of people, of its calendar, and of the Slack user group that follows it."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from bongsu.config_mistakes import refuse
from bongsu.config_text import KEY, Way
from bongsu.urls import split_http_url

NAMES = '{"alice@example.com": "<@U0123456789>"}'
MOST_NAMES = 500
_LONGEST_SOURCE = 2000
_PERSON = re.compile(r"<@([UW][A-Z0-9]{2,30})(?:\|[^>]*)?>|([UW][A-Z0-9]{5,30})")
_GROUP = re.compile(r"<!subteam\^(S[A-Z0-9]{2,30})(?:\|[^>]*)?>|(S[A-Z0-9]{5,30})")
_HANDLE = re.compile(r"@[^\s@<>,:]{1,80}")
_SOURCES = "write the calendar's address, such as https://calendar.example.com/oncall.ics, or a path such as /etc/x.ics"


def person_id(told: object) -> str:
    """The id alone. Raises ValueError."""
    found = _PERSON.fullmatch(told.strip()) if isinstance(told, str) else None
    if found is None:
        raise ValueError(f"'{told}' is no person's id: write \"<@U0123456789>\", with Slack's \"Copy member ID\"")
    return found[1] or found[2]


def names(told: Mapping[object, object]) -> dict[str, str]:
    """Ids by what events say, casefolded. Raises ValueError, or ValidationError with each mistake."""
    if len(told) > MOST_NAMES:
        raise ValueError(f"there are {len(told)} names: {MOST_NAMES} are the most")
    found: dict[str, str] = {}
    problems: list[tuple[Way, str]] = []
    for name, whom in told.items():
        key = str(name).strip().casefold()
        if not key:
            problems.append(((str(name), KEY), f"an empty name means nobody: write {NAMES}"))
        elif key in found:
            problems.append(((str(name), KEY), f"'{name}' stands twice, for case does not count: delete one"))
        try:
            found.setdefault(key, person_id(whom))
        except ValueError as error:
            problems.append(((str(name),), str(error)))
    if problems:
        refuse(problems)
    return found


def calendar_source(told: object) -> str:
    """An http(s) URL, or a whole path. ``webcal://`` is how calendar programs write https. Raises ValueError."""
    if not isinstance(told, str) or not told.strip() or len(told) > _LONGEST_SOURCE:
        raise ValueError(f"it is no calendar: {_SOURCES}")
    source = told.strip()
    if source.startswith(("webcal://", "webcals://")):
        source = f"https://{source.partition('://')[2]}"
    if source.startswith(("file:", "/")):
        return _path(source)
    if not _is_web(source):
        raise ValueError(f"it is neither an http(s) address nor a path: {_SOURCES}")
    return source


def _path(source: str) -> str:
    path = source.removeprefix("file://").removeprefix("file:")
    if not PurePosixPath(path).is_absolute() or path.endswith("/"):
        raise ValueError(f"'{source}' is no whole path of a file: write one such as /etc/bongsu/oncall.ics")
    return path


def _is_web(source: str) -> bool:
    if any(char.isspace() for char in source):
        return False
    parts = split_http_url(source)
    return parts is not None and parts.port != 0


def group_name(told: object) -> str:
    """The id, or the ``@handle`` in lower case. Raises ValueError."""
    text = told.strip() if isinstance(told, str) else ""
    if (group := _GROUP.fullmatch(text)) is not None:
        return group[1] or group[2]
    if _HANDLE.fullmatch(text):
        return text.lower()
    raise ValueError(f'\'{told}\' is no user group: write its handle in quotes, "@payments-oncall", or "<!subteam^S…>"')
