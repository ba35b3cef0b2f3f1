"""Everything that can be pressed, chosen, submitted, typed or said in Slack, about another organisation's incidents.

Nothing of theirs is shown or changed; and their own people can do all of it, or nothing would have been proved.
"""

import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.bolt import build_bolt
from bot.client import Identity, make_client, make_session
from bot.home import Homes
from bot.home.metrics import HomeMetrics
from bot.metrics import BotMetrics
from bot.permissions import NEEDS, Kind
from bot.settings import SlackSettings
from db import tables
from db.engine import connect
from db.maintenance_tables import maintenance_windows
from db.schedule_tables import schedule_overrides
from incidents.browse import Filter
from incidents.policy import Policies
from tests.integration.bot.conftest import listeners_at_rest
from tests.integration.db.stage import Stage
from tests.integration.two_tenants import CANARY, CHANNEL, ONLY_THEIRS, POLICY, THREAD, TwoTenants, two_tenants
from tests.migrated import unsynced

ALICE = "U0ALICE"
TEAM = "T0SANDBOX"
THEIR_CARD = f"{THREAD[:-1]}{ONLY_THEIRS}"
REPLY = "1700000100.000001"
Json = dict[str, Any]

COMMANDS = {
    "list": "list",
    "show": f"show {ONLY_THEIRS}",
    "stats": "stats",
    "help": "help",
    "ack": f"ack {ONLY_THEIRS}",
    "unack": f"unack {ONLY_THEIRS}",
    "resolve": f"resolve {ONLY_THEIRS}",
    "reopen": f"reopen {ONLY_THEIRS}",
    "noise": f"noise {ONLY_THEIRS}",
    "real": f"real {ONLY_THEIRS}",
    "assign": f"assign {ONLY_THEIRS} me",
    "note": f"note {ONLY_THEIRS} seen",
    "snooze": f"snooze {ONLY_THEIRS} 2h",
    "wake": f"wake {ONLY_THEIRS}",
    "approve": f"approve {ONLY_THEIRS}",
    "decline": f"decline {ONLY_THEIRS}",
    "withdraw": f"withdraw {ONLY_THEIRS}",
    "escalate": f"escalate {ONLY_THEIRS}",
    "merge": f"merge {ONLY_THEIRS} 1",
    "split": f"split {ONLY_THEIRS}",
    "declare": "declare everything is slow",
    "oncall": "oncall",
    "oncall take": "oncall payments me 2h",
    "maintenance": "maintenance end {window}",
    "maintenance list": "maintenance list",
}
"""What is typed for each verb."""

ASK_FOR_NO_ROW = {
    "help", "declare", "declare_from_message", "declare_incident", "oncall_take", "summary", "snooze", "extend", "note",
    "assign", "noise", "incident_assign", "incident_note", "incident_noise", "incident_snooze", "incident_merge",
    "incident_severity", "incident_add_to_timeline", "incident_declare", "incident_maintenance",
    "incident_maintenance_confirm", "maintenance list", "incident_open_other",
    "incident_why", "incident_details", "incident_more", "storm_list", "storm_acknowledge",
}  # fmt: skip
"""What opens a form, or makes something new: it asks for no row that is there. Some are forms that
nobody submits; the made-up storm has no members."""
SPENT = {(Kind.COMMAND, "maintenance"), (Kind.CLICK, "maintenance_end"), (Kind.SHORTCUT, "add_to_incident")}
"""Another has done the same before, or merged the incident away."""


@dataclass
class FakeSlack:
    """Answers every method with all that any of them is asked for, and keeps what it is told."""

    told: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.told.append((await request.read()).decode())
        message = {"ts": REPLY, "user": ALICE, "text": "hello", "thread_ts": THEIR_CARD}
        view = {"id": "V1", "hash": "h", "private_metadata": "", "blocks": []}
        person = {"id": ALICE, "team_id": TEAM, "name": "alice", "real_name": "Alice", "tz": "UTC", "profile": {}}
        return web.json_response(
            {
                "ok": True, "view": view, "user": person, "members": [person], "messages": [message], "ts": THEIR_CARD,
                "message": message, "channel": {"id": CHANNEL, "name": "incidents"}, "usergroups": [], "users": [ALICE],
                "team_id": TEAM, "user_id": "U0BOT", "bot_id": "B0BOT", "url": "https://sandbox.slack.com/",
                "permalink": "https://sandbox.slack.com/p1",
            }
        )  # fmt: skip


@dataclass
class Walk:
    """One team's Bolt app, and what it says."""

    bolt: AsyncApp
    slack: FakeSlack
    url: str

    async def say(self, payload: Json) -> str:
        """All that came of it, answers and calls to Slack."""
        self.slack.told.clear()
        payload = {**payload, "response_url": f"{self.url}/answer"} if "event" not in payload else payload
        answer = await self.bolt.async_dispatch(AsyncBoltRequest(body=payload, mode="socket_mode"))
        await listeners_at_rest()
        return "\n".join([str(answer.status), answer.body or "", *self.slack.told])


@dataclass
class House:
    both: TwoTenants
    ours: Walk
    theirs: Walk


@pytest.fixture
async def house(migrated_sqlite_url: str) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        engines = unsynced(connect(migrated_sqlite_url))
        stack.push_async_callback(engines.dispose)
        both = await two_tenants(engines)
        walks = [await a_walk(stage, stack) for stage in (both.ours, both.theirs)]
        yield House(both, *walks)


async def a_walk(stage: Stage, stack: AsyncExitStack) -> Walk:
    slack, app = FakeSlack(), web.Application()
    app.router.add_route("*", "/{path:.*}", slack.answer)
    server = TestServer(app)
    await server.start_server()
    stack.push_async_callback(server.close)
    url = str(server.make_url("")).rstrip("/")
    settings = SlackSettings("xoxb-test", "secret", api_url=f"{url}/api/")
    session = await stack.enter_async_context(make_session())
    identity, registry = Identity(make_client(settings, session)), CollectorRegistry()
    policies = Policies(POLICY)
    bolt = build_bolt(
        settings=settings,
        identity=identity,
        transactions=stage.transactions,
        policies=policies,
        metrics=BotMetrics(registry),
        changed=lambda: None,
        homes=Homes(stage.transactions, identity, policies, HomeMetrics(registry)),
    )
    assert await identity.learn()
    return Walk(bolt, slack, url)


async def test_nothing_of_another_organisation_is_shown_or_changed(house: House) -> None:
    before, carried = await house.both.rows_of_theirs(), await values(house.both)
    answers = {}
    for kind, name in sorted(NEEDS, key=_order):
        told = answers[kind, name] = await house.ours.say(probe(kind, name, carried))
        assert CANARY not in told, (kind, name, told)
    assert await house.both.rows_of_theirs() == before
    idle = {one for one in sorted(NEEDS, key=_order) if not await is_other_for_them(house, one, answers[one])}
    assert sorted(name for _, name in idle - SPENT if name not in ASK_FOR_NO_ROW) == []


async def is_other_for_them(house: House, asked: tuple[Kind, str], answer: str) -> bool:
    """For those whose incident it is: they are told something else, or something changes."""
    where = (tables.incidents, tables.incident_events, maintenance_windows, schedule_overrides)
    before = await house.both.rows_of_theirs(*where)
    told = await house.theirs.say(probe(*asked, await values(house.both)))
    return told != answer or await house.both.rows_of_theirs(*where) != before


def _order(asked: tuple[Kind, str]) -> tuple[bool, bool, str, str]:
    """What makes new incidents comes last: they take the number that only theirs had. So does what ends one."""
    kind, name = asked
    return "declare" in name, "merge" in name or "split" in name, kind.value, name


def probe(kind: Kind, name: str, told: Json) -> Json:
    who = {"user": {"id": ALICE, "team_id": TEAM}, "team": {"id": TEAM}, "trigger_id": "1.2.3"}
    here = {"channel": {"id": CHANNEL, "name": "incidents"}, "message": {"ts": THEIR_CARD, "text": "x", "user": ALICE}}
    match kind:
        case Kind.CLICK | Kind.OPTION:
            value = json.dumps({**told, "do": name})
            action = {"action_id": name, "block_id": "b", "type": "button", "value": value}
            option = {"value": str(told["id"]) if name == "incident_merge_into" else value}
            if kind is Kind.OPTION or name == "incident_merge_into":
                action |= {"action_id": "incident_more" if kind is Kind.OPTION else name, "selected_option": option}
            where = {"view": view(name, told)} if name in IN_A_VIEW else here
            return {"type": "block_actions", **who, **where, "actions": [{**action, "action_ts": "1"}]}
        case Kind.MODAL:
            return {"type": "view_submission", **who, "view": view(name, told)}
        case Kind.COMMAND:
            text = COMMANDS[name].format(window=told["window"])
            return {
                "command": "/incident", "text": text, "user_id": ALICE, "team_id": TEAM, "channel_id": CHANNEL,
                "trigger_id": "1.2.3",
            }  # fmt: skip
        case Kind.SHORTCUT:
            kind_of = "shortcut" if name == "declare_incident" else "message_action"
            return {"type": kind_of, "callback_id": name, "message_ts": THEIR_CARD, **who, **here}
        case Kind.EVENT:
            return {"type": "event_callback", "team_id": TEAM, "event_id": f"E{name}", "event": event(name)}


IN_A_VIEW = {"incident_merge_into", "incident_details_page", "storm_list_back", "storm_list_on"}


def event(name: str) -> Json:
    now = f"{time.time():.6f}"
    item = {"type": "message", "channel": CHANNEL, "ts": REPLY}
    match name:
        case "app_home_opened":
            return {"type": name, "user": ALICE, "tab": "home", "event_ts": now}
        case "message":
            said = {"channel": CHANNEL, "user": ALICE, "text": "seen", "ts": now, "thread_ts": THEIR_CARD}
            return {"type": name, **said, "event_ts": now}
        case _:
            return {"type": name, "user": ALICE, "reaction": "pushpin", "item": item, "event_ts": now}


def view(callback_id: str, told: Json) -> Json:
    """With every field that any form has, filled in."""
    metadata: Any = told
    if callback_id == "add_to_incident":
        metadata = [CHANNEL, REPLY, THEIR_CARD, ALICE, False, 0]
    later = int(time.time()) + 3600
    texts = dict.fromkeys(("note", "reason", "summary", "happened", "title", "service"), "seen")
    options = {"severity": "critical", "incident": str(told["id"]), "incident_merge_into": str(told["ours"]),
               "span": "7200", "schedule": "payments", "repeats": "none"}  # fmt: skip
    values: Json = {name: {name: {"value": text}} for name, text in texts.items()}
    values |= {name: {name: {"selected_option": {"value": value}}} for name, value in options.items()}
    values |= {"person": {"person": {"selected_user": ALICE}}, "length": {"length": {"value": "2h"}}}
    values |= {name: {name: {"selected_date_time": later + plus}} for name, plus in (("until", 0), ("end", 60))}
    values["incident_split_series"] = {"incident_split_series": {"selected_options": [{"value": told["series"]}]}}
    return {
        "id": f"V{callback_id}", "hash": "h", "type": "modal", "callback_id": callback_id, "blocks": [],
        "private_metadata": json.dumps(metadata), "state": {"values": values},
    }  # fmt: skip


async def values(both: TwoTenants) -> Json:
    """All that any button or form of ours carries, about what is theirs."""
    incident = await both.theirs.incident(ONLY_THEIRS)
    mine = await both.theirs.incident(1)
    rows = (await both.rows_of_theirs(tables.incident_series))["incident_series"]
    series = [row for row in rows if row["incident_id"] == incident.id]
    seen = {"version": incident.version, "status": incident.status.value, "episode": incident.episode, "firing": 2}
    short = {
        short: seen[name] for short, name in {"v": "version", "s": "status", "e": "episode", "f": "firing"}.items()
    }
    page = {
        "at": ["2036-01-01T00:00:00+00:00", 9_999, 0], "back": False, "first": 1, "statuses": sorted(Filter().statuses),
        "severities": sorted(Filter().matching.severities), "words": [], "owner": None, "unassigned": False,
        "noise": False, "snoozed": False, "within": None, "mark": None, "list": "series", "page": 0,
    }  # fmt: skip
    return {
        **seen, **short, **page, "id": incident.id, "number": ONLY_THEIRS, "n": ONLY_THEIRS, "extends": False,
        "approval": both.ids["approvals"],
        "ours": mine.id, "series": series[0]["series_key"], "storm": both.ids["storms"], "rev": 99, "count": 1,
        "window": both.ids["maintenance_windows"], "shown": "payments", "override": both.ids["schedule_overrides"],
        "channel": CHANNEL, "token": "V9", "scope": {"service": ["mail"]}, "start": None,
        "end": "2036-01-01T00:00:00+00:00", "zone": "UTC", "repeats": "none", "reason": "", "everything": False,
    }  # fmt: skip


def test_every_verb_has_words_to_type() -> None:
    assert {name for kind, name in NEEDS if kind is Kind.COMMAND} == set(COMMANDS)
