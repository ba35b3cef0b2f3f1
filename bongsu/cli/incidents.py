"""``bongsu incidents``: find incidents and act on them, over the REST API."""

import argparse
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from base.codec import dumps
from base.durations import written
from bongsu.cli.since import since
from bongsu.client import told
from bongsu.client.api import Api, Json
from bongsu.client.errors import ClientError, NotDone
from bongsu.client.settings import read_api_settings
from incidents.model import Severity, Status

OPEN = (Status.ACTIVE.value, Status.ACKNOWLEDGED.value)
_REF = re.compile(r"(?:INC-)?[1-9][0-9]{0,17}", re.IGNORECASE)
_PERSON = re.compile(r"[UW][A-Z0-9]{1,30}")
_MOST_EVENTS = 1000
_EPILOG = """\
settings:
  BONGSU_API_URL   where Bongsu listens (default: http://127.0.0.1:8080)
  BONGSU_API_KEY   an API key (bongsu apikey create --role write), or BONGSU_API_KEY_FILE, the file that holds it

exit codes:
  0  done
  1  refused: there is no such incident, its state does not allow it, or the key may not
  2  used wrongly: an argument, a setting, or the key
  3  no answer: the server can't be reached, is busy, or is not Bongsu; try again later
"""

Ask = Callable[[Api, argparse.Namespace], str]


def add_to(commands: Any) -> None:
    parser = commands.add_parser(
        "incidents",
        help="find incidents and act on them, over the REST API",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(title="what to do", metavar="command", required=True)
    _add_reading(kinds)
    for name, path, words in _PLAIN:
        _add(kinds, name, words, _change(path))
    _add_speaking(kinds)
    _add_deciding(kinds)
    declare = _add(kinds, "declare", "open one that no alert has told of", _declare, ref=False)
    declare.add_argument("--title", required=True)
    declare.add_argument("--severity", required=True, choices=[severity.value for severity in Severity])
    declare.add_argument("--service")
    declare.add_argument("--note", help="its first note")


_PLAIN = (
    ("ack", "acknowledge", "take it"),
    ("unack", "unacknowledge", "give it back"),
    ("reopen", "reopen", "open it again"),
    ("real", "real", "it is no noise after all"),
    ("wake", "wake", "end its snooze"),
    ("escalate", "escalate", "call the next ones now"),
    ("unmerge", "unmerge", "undo its merge"),
)
"""Command, path, help: those that say nothing but which incident."""
_EXACTLY = ("cluster", "namespace", "service", "phase", "source")


def _add_reading(kinds: Any) -> None:
    listing = _add(kinds, "list", "open ones, newest first", _list, ref=False)
    listing.add_argument("--status", type=_some(Status), metavar="S,S", help="of these, or any (default: open ones)")
    listing.add_argument("--severity", type=_some(Severity), metavar="S,S", help="of these, such as critical,error")
    for name in _EXACTLY:
        listing.add_argument(f"--{name}", help=f"its {name}, exactly as it is written")
    listing.add_argument("--text", help="words of the title")
    listing.add_argument("--assignee", metavar="U024BE7LH", help="a Slack user id, or none")
    listing.add_argument("--since", type=since, metavar="2h", help="that began in the last so long: 30m, 2h, 7d")
    listing.add_argument("--limit", type=_positive, default=50, help="so many at most (default: 50)")
    _add(kinds, "show", "everything about one, and its timeline", _show)


def _add_speaking(kinds: Any) -> None:
    resolve = _add(kinds, "resolve", "close it", _close("resolve", note="note"))
    resolve.add_argument("--note", help="how it ended")
    noise = _add(kinds, "noise", "it means nothing: close it, uncounted", _close("noise", reason="reason"))
    noise.add_argument("--reason")
    assign = _add(kinds, "assign", "give it to a person", _assign)
    assign.add_argument("to", metavar="U024BE7LH", type=_assignee, help="a Slack user id, or none: nobody has it then")
    snooze = _add(kinds, "snooze", "hear nothing of it for a while", _snooze)
    end = snooze.add_mutually_exclusive_group(required=True)
    end.add_argument("--for", dest="span", type=since, metavar="2h", help="so long")
    end.add_argument("--until", type=_moment, metavar="2026-12-01T09:00+09:00", help="until then, with the time's zone")
    note = _add(kinds, "note", "write something down", _change("notes", text="text"))
    note.add_argument("text")
    merge = _add(kinds, "merge", "it is the same trouble as another", _change("merge", into="into"))
    merge.add_argument("--into", required=True, type=_ref, metavar="INC-10")


def _add_deciding(kinds: Any) -> None:
    _add(kinds, "approve", "be the second person: what was asked is done", _decide("approve"))
    decline = _add(kinds, "decline", "what was asked is not done", _decide("decline", reason="reason"))
    decline.add_argument("--reason", help="why not")
    _add(kinds, "withdraw", "take back what you asked for yourself", _decide("withdraw"))


def _add(kinds: Any, name: str, words: str, ask: Ask, *, ref: bool = True) -> Any:
    parser = kinds.add_parser(name, help=words)
    if ref:
        parser.add_argument("incident", type=_ref, metavar="INC-12", help="or its id")
    parser.add_argument("--json", action="store_true", help="as JSON; of a list one object a line")
    parser.add_argument(
        "--on-behalf-of", type=_person, metavar="U024BE7LH", help="who asks for it: must be allowed to, and is shown"
    )
    parser.set_defaults(run=run, ask=ask)
    return parser


def run(given: argparse.Namespace) -> int:
    """The exit code. Raises InvalidInput where a setting is wrong."""
    api = Api(read_api_settings(), on_behalf_of=given.on_behalf_of)
    try:
        said = given.ask(api, given)
    except ClientError as error:
        sys.stderr.write(f"bongsu: {error}\n")
        return error.exit_code
    sys.stdout.write(said)
    return 0


def _list(api: Api, given: argparse.Namespace) -> str:
    now = datetime.now(UTC)
    wanted = {
        "status": ",".join(given.status or OPEN) if given.status != [] else None,
        "severity": ",".join(given.severity) if given.severity else None,
        **{name: getattr(given, name) for name in _EXACTLY},
        "text": given.text,
        "assignee": given.assignee,
        "since": (now - given.since).isoformat(timespec="seconds") if given.since is not None else None,
    }
    found = list(api.pages("/incidents", limit=given.limit, **wanted))
    if given.json:
        return "".join(f"{dumps(one)}\n" for one in found)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    more = f"these are the newest {given.limit}; --limit shows more\n" if len(found) == given.limit else ""
    return told.listed(found, now=now, width=width) + more


def _show(api: Api, given: argparse.Namespace) -> str:
    incident = api.get(f"/incidents/{given.incident}")
    timeline = list(api.pages(f"/incidents/{given.incident}/timeline", limit=_MOST_EVENTS))
    if given.json:
        return f"{dumps({'incident': incident, 'timeline': timeline})}\n"
    return told.shown(incident, timeline)


def _change(path: str, **fields: str) -> Ask:
    """``POST /incidents/INC-12/<path>``; ``fields`` of the body, by the argument that says each."""

    def ask(api: Api, given: argparse.Namespace) -> str:
        return _changed(api, given, path, _body(given, fields))

    return ask


def _close(path: str, **fields: str) -> Ask:
    """As ``_change``. What takes a second person is answered with until when one is asked, and nothing is closed."""

    def ask(api: Api, given: argparse.Namespace) -> str:
        answer = api.post(f"/incidents/{given.incident}/{path}", _body(given, fields))
        return _said(answer, given, told.asked if answer.get("approval_until") else told.changed)

    return ask


def _decide(how: str, **fields: str) -> Ask:
    """``POST /approvals/7/<how>`` for what waits at this incident, of which there is one at most."""

    def ask(api: Api, given: argparse.Namespace) -> str:
        for waiting in api.pages("/approvals", limit=1, incident=given.incident, status="open"):
            return _said(api.post(f"/approvals/{waiting['id']}/{how}", _body(given, fields)), given, told.decided)
        raise NotDone(f"{given.incident} waits for nobody: nothing is asked there, or it is decided already")

    return ask


def _body(given: argparse.Namespace, fields: Mapping[str, str]) -> Json:
    body = {name: getattr(given, argument) for name, argument in fields.items()}
    return {name: value for name, value in body.items() if value is not None}


def _assign(api: Api, given: argparse.Namespace) -> str:
    return _changed(api, given, "assign", {"to": given.to or None})


def _snooze(api: Api, given: argparse.Namespace) -> str:
    body = {"for": written(given.span)} if given.span is not None else {"until": given.until}
    return _changed(api, given, "snooze", body)


def _declare(api: Api, given: argparse.Namespace) -> str:
    named = ("title", "severity", "service", "note")
    body = {name: getattr(given, name) for name in named if getattr(given, name) is not None}
    return _said(api.post("/incidents", body), given)


def _changed(api: Api, given: argparse.Namespace, path: str, body: Json) -> str:
    return _said(api.post(f"/incidents/{given.incident}/{path}", body), given)


def _said(answer: Json, given: argparse.Namespace, say: Callable[[Json], str] = told.changed) -> str:
    return f"{dumps(answer)}\n" if given.json else say(answer)


# What argparse calls: each raises ArgumentTypeError with what to write


def _ref(text: str) -> str:
    if not _REF.fullmatch(text):
        raise argparse.ArgumentTypeError(f"'{text}' is no incident: write its number, such as INC-12, or its id")
    return text.upper()


def _person(text: str) -> str:
    if not _PERSON.fullmatch(text):
        raise argparse.ArgumentTypeError(f"'{text}' is no Slack user id: write one, such as U024BE7LH")
    return text


def _assignee(text: str) -> str:
    return "" if text == "none" else _person(text)


def _moment(text: str) -> str:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise argparse.ArgumentTypeError(f"'{text}' is no time with its zone: write it as in 2026-12-01T09:00+09:00")
    return time.isoformat()


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text[:9]) > 0):
        raise argparse.ArgumentTypeError(f"'{text}' is not 1 or more")
    return int(text[:9])


def _some(kind: type[Status] | type[Severity]) -> Callable[[str], Sequence[str]]:
    """A list with commas; ``any``: an empty one."""
    known = [one.value for one in kind]

    def read(text: str) -> Sequence[str]:
        named = [] if text == "any" else text.split(",")
        wrong = [one for one in named if one not in known]
        if wrong:
            raise argparse.ArgumentTypeError(f"'{wrong[0]}' is not known: write any, or some of {', '.join(known)}")
        return named

    return read
