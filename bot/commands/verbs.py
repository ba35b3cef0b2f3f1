"""The verbs of ``/incident``: each is one entry here, from which parsing, help and examples are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from bot.commands.command import Verb
from bot.language import mark


class Takes(Enum):
    """What stands behind a verb."""

    NOTHING = "nothing"
    """What is typed behind it all the same is left alone."""
    WORDS = "words"
    """Its own words, and no incident's number."""
    NUMBER = "number"
    NUMBER_AND_TEXT = "number and text"
    NUMBER_AND_PERSON = "number and person"
    NUMBER_AND_TIME = "number and time"
    NUMBER_AND_OTHER = "number and another number"


class Group(Enum):
    """The headings of the help, in their order."""

    LOOK = mark("Look")
    HANDLE = mark("Handle")
    WRITE = mark("Write down")
    MORE = mark("More")


@dataclass(frozen=True, slots=True)
class Entry:
    """``example`` is what one types behind the verb; ``meaning`` says in half a line what it does.

    ``also``: other words for it, Korean ones too, with blanks between, which must be no other verb's.
    """

    group: Group
    takes: Takes
    example: str
    meaning: str
    also: str = ""


VERBS: Mapping[Verb, Entry] = {
    Verb.LIST: Entry(
        Group.LOOK,
        Takes.WORDS,
        "payments critical",
        mark("what is open; also `mine`, `unassigned`, `acknowledged`, `resolved 7d`, `noise`, `@bob`"),
        "ls open status 목록",
    ),
    Verb.SHOW: Entry(
        Group.LOOK, Takes.NUMBER, "12", mark("one incident and what happened to it"), "view get info 보기"
    ),
    Verb.STATS: Entry(
        Group.LOOK,
        Takes.WORDS,
        "payments 30d",
        mark("figures of 7 days, or of as many as you say"),
        "statistics figures 통계",
    ),
    Verb.ONCALL: Entry(
        Group.LOOK,
        Takes.WORDS,
        "payments me 4h",
        mark("you are on call until then; without a time: who is, and who is next"),
        "on-call duty who 당직",
    ),
    Verb.ACK: Entry(Group.HANDLE, Takes.NUMBER, "12", mark("you have it"), "acknowledge take mine 확인"),
    Verb.UNACK: Entry(Group.HANDLE, Takes.NUMBER, "12", mark("you give it back"), "unacknowledge release 확인취소"),
    Verb.ASSIGN: Entry(
        Group.HANDLE,
        Takes.NUMBER_AND_PERSON,
        "12 @alice",
        mark("she has it (`me`, or `nobody` to take it away)"),
        "give 배정 담당",
    ),
    Verb.RESOLVE: Entry(
        Group.HANDLE,
        Takes.NUMBER_AND_TEXT,
        "12 rolled back",
        mark("close it; the words are kept"),
        "close resolved fix fixed done 해결",
    ),
    Verb.REOPEN: Entry(Group.HANDLE, Takes.NUMBER, "12", mark("open it again"), "re-open 다시열기"),
    Verb.NOISE: Entry(
        Group.HANDLE,
        Takes.NUMBER_AND_TEXT,
        "12 flaky probe",
        mark("close it as noise, with the reason"),
        "mute noisy 노이즈",
    ),
    Verb.REAL: Entry(Group.HANDLE, Takes.NUMBER, "12", mark("it was no noise after all"), "unnoise 실제"),
    Verb.SNOOZE: Entry(
        Group.HANDLE,
        Takes.NUMBER_AND_TIME,
        "12 2h",
        mark("hear nothing of it: `30m`, `tomorrow`, `workday`, `until 14:30`"),
        "sleep 중지 일시중지",
    ),
    Verb.WAKE: Entry(Group.HANDLE, Takes.NUMBER, "12", mark("hear of it again"), "unsnooze awake 재개"),
    Verb.ESCALATE: Entry(
        Group.HANDLE,
        Takes.NUMBER,
        "12",
        mark("call the next ones now, whatever the plan says"),
        "page call 에스컬레이션 호출",
    ),
    Verb.NOTE: Entry(
        Group.WRITE,
        Takes.NUMBER_AND_TEXT,
        "12 looking at the database",
        mark("write down what the others should know"),
        "comment say 메모",
    ),
    Verb.MAINTENANCE: Entry(
        Group.MORE,
        Takes.WORDS,
        "payments 2h database upgrade",
        mark("nobody is paged meanwhile; also `at tomorrow 22:00`, `preview payments`, `list`, `end 3`"),
        "maint downtime 점검",
    ),
    Verb.APPROVE: Entry(
        Group.MORE,
        Takes.NUMBER,
        "12",
        mark("you are the second person for what another wants to close"),
        "confirm 승인",
    ),
    Verb.DECLINE: Entry(
        Group.MORE,
        Takes.NUMBER_AND_TEXT,
        "12 not yet",
        mark("it stays open; the words are kept"),
        "reject refuse 반려 거절",
    ),
    Verb.WITHDRAW: Entry(Group.MORE, Takes.NUMBER, "12", mark("you take your own request back"), "retract 철회"),
    Verb.MERGE: Entry(
        Group.MORE, Takes.NUMBER_AND_OTHER, "12 into 14", mark("they are one trouble; a button undoes it"), "join 병합"
    ),
    Verb.SPLIT: Entry(Group.MORE, Takes.NUMBER, "12", mark("some of its series are another trouble"), "part 분리"),
    Verb.DECLARE: Entry(
        Group.MORE, Takes.WORDS, "checkout is slow", mark("an incident that no alert has told of"), "new create 선언"
    ),
    Verb.HELP: Entry(Group.MORE, Takes.NOTHING, "", mark("this"), "? -h --help 도움말"),
}
"""In the order of the help."""

BY_WORD: Mapping[str, Verb] = {verb.value: verb for verb in VERBS} | {
    word: verb for verb, entry in VERBS.items() for word in entry.also.split()
}
"""Every word that is understood, in lower case."""


def example(verb: Verb) -> str:
    """How this verb is written, as one types it."""
    return f"/incident {verb} {VERBS[verb].example}".rstrip()
