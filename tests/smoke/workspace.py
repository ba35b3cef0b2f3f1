"""The Slack workspace in words: what its people see, and what they do. Every message must have been expected."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests

from tests.smoke.waiting import until

Json = dict[str, Any]

STATES = {
    "active": "· Active ·",
    "acknowledged": "· Acknowledged ·",
    "resolved": "· Resolved ·",
    "recovered": "✅ Recovered",
    "closed": "✋ Closed",
    "noise": "🔇 Noise",
    "active-in-korean": "· 미확인 ·",
    "acknowledged-in-korean": "· 확인됨 ·",
}
"""What a card says in each state."""
PEOPLE = ("alice", "bob", "carol")


def words(message: Json) -> str:
    """All that a message or modal shows: its blocks' texts, or its text where it has no blocks."""
    return "\n".join(_texts(message["blocks"])) if message["blocks"] else str(message["text"])


def is_notice(message: Json) -> bool:
    """Whether it tells who runs Bongsu of refusals, a channel, its configuration, late steps, a schedule; or who plans
    maintenance of that."""
    told = {"refused", "channel", "config", "overdue", "trouble", "webhook", "maintenance"}
    return any(block.get("block_id") in told for block in message["blocks"] or [])


def is_answer(message: Json) -> bool:
    """Whether it answers a command for everybody in the channel to see."""
    return any(block.get("block_id") == "window" for block in message["blocks"] or [])


def is_report(message: Json) -> bool:
    """Whether it tells a channel of something that is no incident: a handover, or a digest of a day or a week."""
    return any(block.get("block_id") in {"handover", "report"} for block in message["blocks"] or [])


def is_digest(message: Json) -> bool:
    """Whether it tells what was missed while Slack was away."""
    return any(block.get("block_id") == "outage" for block in message["blocks"] or [])


def is_page(message: Json) -> bool:
    """Whether it calls people to incidents whose cards are elsewhere."""
    return any(block.get("block_id") in {"call", "calls", "storm-call"} for block in message["blocks"] or [])


def is_rollup(message: Json) -> bool:
    """Whether it shows a storm."""
    return any(block.get("block_id") == "storm" for block in message["blocks"] or [])


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for one in node:
            yield from _texts(one)
    elif isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node["text"]
        for name, one in node.items():
            if name != "confirm":
                yield from _texts(one)


class Workspace:
    """Everything that the sandbox shows and lets people do, over ``/_control``."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = requests.Session()
        self._http.trust_env = False
        self._expected: set[tuple[str, str]] = set()

    def close(self) -> None:
        self._http.close()

    def look(self, what: str, **query: str) -> Json:
        answer = self._http.get(f"{self.url}/_control/{what}", params=query, timeout=5)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        return told

    def do(self, what: str, **given: Any) -> Json:
        answer = self._http.post(f"{self.url}/_control/{what}", json=given, timeout=10)
        assert answer.status_code == 200, f"{what} {given}: {answer.text}"
        told: Json = answer.json()
        return told

    def channel(self, name: str) -> "Channel":
        return Channel(self, name)

    def home(self, *, user: str) -> "Home":
        return Home(self, user)

    def messages(self, channel: str = "") -> list[Json]:
        """Deleted ones too, oldest first."""
        found: list[Json] = self.look("messages", **({"channel": channel} if channel else {}))["messages"]
        return found

    def ephemerals(self, user: str) -> list[Json]:
        found: list[Json] = self.look("ephemerals", user=user)["ephemerals"]
        return found

    def calls(self, method: str) -> list[Json]:
        """Calls of the Web API, oldest first."""
        found: list[Json] = self.look("calls", method=method)["calls"]
        return found

    def breaks(self, method: str, kind: str, *, times: int | None = 1, retry_after: int = 1) -> None:
        """The next calls of ``method`` go wrong in this way. ``times`` None: until ``heals``."""
        self.do("faults", method=method, kind=kind, times=times, retry_after=retry_after)

    def heals(self) -> None:
        self.do("faults", clear=True)

    def command(self, line: str, *, user: str, channel: str = "#incidents") -> "Answer":
        """``line`` as it is typed: ``/incident list``."""
        before = {one["ts"] for one in self.ephemerals(user)}
        command, _, text = line.partition(" ")
        result = self.do("command", command=command, text=text, user=user, channel=channel)
        assert result["status"] == 200, result
        assert "ack_error" not in result, result
        return Answer(self, line, [one for one in self.ephemerals(user) if one["ts"] not in before])

    def expects_ephemeral(self, *, user: str, containing: str) -> str:
        """A message that only this person sees; its words."""

        def look() -> Json | None:
            said = [one for one in self.ephemerals(user) if not self.is_expected(one) and containing in words(one)]
            return said[0] if said else None

        found = until(look, f"{user} is told {containing!r}")
        assert found is not None
        self.expect(found)
        return words(found)

    def expect(self, message: Json) -> None:
        self._expected.add((message["channel"], message["ts"]))

    def is_expected(self, message: Json) -> bool:
        return (message["channel"], message["ts"]) in self._expected

    def unexpected(self) -> list[str]:
        """What the bot said and no expectation was about."""
        said = [*self.messages(), *(one for user in PEOPLE for one in self.ephemerals(user))]
        ours = [one for one in said if one["user"] not in {"U0ALICE", "U0BOB", "U0CAROL"}]
        return [words(one) for one in ours if not self.is_expected(one)]


@dataclass(frozen=True)
class Answer:
    """What a command was answered, visible to its author only."""

    workspace: Workspace
    line: str
    said: list[Json]

    def says(self, *fragments: str, never: str = "") -> "Answer":
        [message] = self.said
        told = f"{words(message)}\n{message['text']}"
        missing = [fragment for fragment in fragments if fragment not in told]
        assert not missing, f"{self.line} is answered {told!r}, which lacks {missing}"
        assert not never or never not in told, f"{self.line} is answered {told!r}"
        self.workspace.expect(message)
        return self


@dataclass(frozen=True)
class Channel:
    workspace: Workspace
    name: str

    def roots(self) -> list[Json]:
        """What stands in the channel itself and was not deleted, notices, digests and roll-ups apart."""
        return [
            one
            for one in self.workspace.messages(self.name)
            if not one["thread_ts"]
            and not one["deleted"]
            and not is_notice(one)
            and not is_digest(one)
            and not is_rollup(one)
            and not is_report(one)
        ]

    def rollups(self) -> list[Json]:
        """Those that were not deleted, oldest first."""
        return [one for one in self.workspace.messages(self.name) if is_rollup(one) and not one["deleted"]]

    def expects_rollup(self, *fragments: str, within: float = 25.0) -> "Card":
        """The one roll-up in the channel comes to say all that."""

        def look() -> Json | None:
            found = self.rollups()
            assert len(found) <= 1, f"{len(found)} roll-ups: {[words(one) for one in found]}"
            return found[0] if found and all(one in words(found[0]) for one in fragments) else None

        message = until(look, f"{self.name} has a roll-up that says {fragments}", within=within)
        assert message is not None
        self.workspace.expect(message)
        return Card(self.workspace, message["channel"], message["ts"])

    def expects_card(self, *, state: str = "active", containing: str = "", within: float = 25.0) -> "Card":
        """Exactly one card with these words; it comes to show this state."""

        def look() -> Json | None:
            found = [one for one in self.roots() if containing in words(one)]
            assert len(found) <= 1, f"{len(found)} cards say {containing!r}: {[words(one) for one in found]}"
            return found[0] if found and STATES[state] in words(found[0]) else None

        message = until(look, f"{self.name} has a card that is {state} and says {containing!r}", within=within)
        assert message is not None
        self.workspace.expect(message)
        return Card(self.workspace, message["channel"], message["ts"])

    def expects_notice(self, *fragments: str, within: float = 25.0) -> Json:
        """The one notice in the channel comes to say all that."""

        def look() -> Json | None:
            found = [one for one in self.workspace.messages(self.name) if is_notice(one) and not one["deleted"]]
            assert len(found) <= 1, f"{len(found)} notices: {[words(one) for one in found]}"
            return found[0] if found and all(one in words(found[0]) for one in fragments) else None

        message = until(look, f"{self.name} has a notice that says {fragments}", within=within)
        assert message is not None
        self.workspace.expect(message)
        return message

    def expects_digest(self, *fragments: str, within: float = 40.0) -> Json:
        """The one digest in the channel, which says all that."""

        def look() -> Json | None:
            found = [one for one in self.workspace.messages(self.name) if is_digest(one) and not one["deleted"]]
            assert len(found) <= 1, f"{len(found)} digests: {[words(one) for one in found]}"
            return found[0] if found else None

        message = until(look, f"{self.name} has a digest", within=within)
        assert message is not None
        missing = [one for one in fragments if one not in words(message)]
        assert not missing, f"{words(message)!r} lacks {missing}"
        self.workspace.expect(message)
        return message

    def expects_report(self, *fragments: str, within: float = 25.0) -> Json:
        """The one digest of a day or a week in the channel, which says all that, with the picture in its thread."""

        def look() -> tuple[Json, Json] | None:
            messages = self.workspace.messages(self.name)
            found = [one for one in messages if is_report(one)]
            assert len(found) <= 1, f"{len(found)} digests: {[words(one) for one in found]}"
            below = [one for one in messages if one["files"] and found and one["thread_ts"] == found[0]["ts"]]
            return (found[0], below[0]) if below else None

        told = until(look, f"{self.name} has a digest with its picture", within=within)
        assert told is not None
        missing = [one for one in fragments if one not in words(told[0])]
        assert not missing, f"{words(told[0])!r} lacks {missing}"
        for message in told:
            self.workspace.expect(message)
        return told[1]

    def expects_no_card(self) -> None:
        assert self.roots() == []


@dataclass(frozen=True)
class Card:
    """One message, whatever it shows at the moment."""

    workspace: Workspace
    channel: str
    ts: str

    @property
    def message(self) -> Json:
        [found] = [one for one in self.workspace.messages(self.channel) if one["ts"] == self.ts]
        return found

    @property
    def words(self) -> str:
        return words(self.message)

    @property
    def name(self) -> str:
        """``INC-12``"""
        found = re.search(r"INC-\d+", self.words)
        assert found
        return found[0]

    @property
    def buttons(self) -> list[str]:
        return [one["text"]["text"] for one in self._elements() if one["type"] == "button"]

    @property
    def menu(self) -> list[str]:
        return [option["text"]["text"] for option in self._menu()["options"]]

    def shows(self, *fragments: str, state: str = "", within: float = 25.0) -> "Card":
        """This very message comes to say all that."""
        wanted = [*fragments, *([STATES[state]] if state else [])]

        def look() -> bool:
            told = self.words
            return all(one in told for one in wanted)

        until(look, lambda: f"{self.words!r} comes to say {wanted}", within=within)
        return self

    def is_as(self, before: Json) -> "Card":
        """Nothing about it has changed."""
        assert self.message == before
        return self

    def click(self, label: str, *, user: str) -> "Card":
        found = [one for one in self._elements() if one["type"] == "button" and one["text"]["text"] == label]
        assert found, f"there is no button {label!r}, only {self.buttons}"
        return self._press(user, action_id=found[0]["action_id"])

    def button(self, label: str) -> Json:
        """As it is now: keep it for a stale click."""
        [found] = [one for one in self._elements() if one["type"] == "button" and one["text"]["text"] == label]
        return found

    def click_stale(self, button: Json, *, user: str) -> "Card":
        """A button that an earlier rendering had, pressed by somebody whose Slack still shows that one."""
        return self._press(user, action_id=button["action_id"], raw_value=button["value"])

    def overflow(self, label: str, *, user: str) -> "Card":
        options = {option["text"]["text"]: option["value"] for option in self._menu()["options"]}
        assert label in options, f"there is no {label!r} under ⋯, only {list(options)}"
        return self._press(user, action_id=self._menu()["action_id"], value=options[label])

    def expects_modal(self, title: str, *, user: str) -> "Modal":
        """The form that lies on top before them."""

        def look() -> Json | None:
            views = self.workspace.look("views", user=user)["views"]
            return views[-1] if views and views[-1]["title"]["text"] == title else None

        view = until(look, f"{user} sees the form {title!r}")
        assert view is not None
        return Modal(self.workspace, user, view["id"])

    def expects_thread_reply(self, *, containing: str, within: float = 25.0) -> "Card":
        """One more reply, which nobody has expected yet."""

        def look() -> Json | None:
            said = [one for one in self.thread() if not self.workspace.is_expected(one) and containing in words(one)]
            return said[0] if said else None

        found = until(look, f"the thread of {self.words!r} says {containing!r}", within=within)
        assert found is not None
        self.workspace.expect(found)
        return self

    def thread(self) -> list[Json]:
        return [
            one for one in self.workspace.messages(self.channel) if one["thread_ts"] == self.ts and not one["deleted"]
        ]

    def reply(self, text: str, *, user: str) -> None:
        """Below it, as a person writes it."""
        told = self.workspace.do("say", user=user, channel=self.channel, text=text, thread_ts=self.ts)
        assert told["status"] == 200, told

    def leads_to(self, label: str) -> str:
        """The ``ts`` of the message to which this button leads."""
        address: str = self.button(label)["url"]
        digits = address.rpartition("/p")[2]
        return f"{digits[:-6]}.{digits[-6:]}"

    def is_deleted_by_a_person(self) -> None:
        self.workspace.do("delete", channel=self.channel, ts=self.ts)

    def _press(self, user: str, **what: str) -> "Card":
        result = self.workspace.do("click", user=user, channel=self.channel, ts=self.ts, **what)
        assert result["status"] == 200, result
        return self

    def _elements(self) -> list[Json]:
        return [
            element for block in self.message["blocks"] if block["type"] == "actions" for element in block["elements"]
        ]

    def _menu(self) -> Json:
        [found] = [one for one in self._elements() if one["type"] == "overflow"]
        return found


@dataclass(frozen=True)
class Modal:
    """A form that is open before somebody."""

    workspace: Workspace
    user: str
    view_id: str

    def submit(self, **values: str | int | None) -> None:
        """By field; moments as seconds since the epoch. The form closes."""
        result = self.workspace.do("submit", view_id=self.view_id, user=self.user, values=values)
        assert result["status"] == 200, result
        assert result["body"] in ("", None), result
        assert self.workspace.look("views", user=self.user)["views"] == []

    def submit_and_clear(self, **values: object) -> None:
        """The same of a form that closes all that lie below it, too."""
        result = self.workspace.do("submit", view_id=self.view_id, user=self.user, values=values)
        assert result["body"] == {"response_action": "clear"}, result
        assert self.workspace.look("views", user=self.user)["views"] == []

    def search(self, field: str, typed: str) -> dict[str, str]:
        """What a search field offers: values by what they say."""
        asked = {"view_id": self.view_id, "user": self.user, "action_id": field, "value": typed}
        found = self.workspace.do("suggest", **asked)["body"]
        groups = found.get("option_groups") or [found]
        return {one["text"]["text"]: one["value"] for group in groups for one in group["options"]}

    def submit_in_vain(self, **values: str | None) -> str:
        """The form stays, with this below a field."""
        result = self.workspace.do("submit", view_id=self.view_id, user=self.user, values=values)
        assert result["body"]["response_action"] == "errors", result
        self.workspace.do("close", view_id=self.view_id, user=self.user)
        return str(*result["body"]["errors"].values())


@dataclass(frozen=True)
class Home:
    """The app's Home tab, as one person sees it."""

    workspace: Workspace
    user: str

    def open(self) -> "Home":
        result = self.workspace.do("event", type="app_home_opened", user=self.user, tab="home")
        assert result["status"] == 200, result
        return self

    @property
    def view(self) -> Json:
        found: Json | None = self.workspace.look("home", user=self.user)["home"]
        return found or {"id": "", "blocks": []}

    @property
    def words(self) -> str:
        return "\n".join(_texts(self.view["blocks"]))

    @property
    def buttons(self) -> list[str]:
        return [one["text"]["text"] for one in self._elements()]

    def shows(self, *fragments: str, within: float = 10.0) -> "Home":
        """It comes to say all that, without being opened again."""

        def look() -> bool:
            told = self.words
            return all(one in told for one in fragments)

        until(look, f"the home of {self.user}, {self.words!r}, comes to say {fragments}", within=within)
        return self

    def button(self, label: str) -> Json:
        return next(one for one in self._elements() if one["text"]["text"] == label)

    def click(self, label: str) -> "Home":
        button = self.button(label)
        press = {"action_id": button["action_id"], "block_id": button["block_id"]}
        result = self.workspace.do("click", user=self.user, view_id=self.view["id"], **press)
        assert result["status"] == 200, result
        return self

    def _elements(self) -> list[Json]:
        return [
            {**element, "block_id": block["block_id"]}
            for block in self.view["blocks"]
            if block["type"] == "actions"
            for element in block["elements"]
        ]
