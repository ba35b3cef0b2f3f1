"""Control calls that set the scene or break something."""

from typing import Any

from sandbox.channels import Channel
from sandbox.control.body import Body
from sandbox.errors import Refused
from sandbox.faults import PLAIN_KINDS, Fault, is_kind
from sandbox.people import BOT_USER_ID
from sandbox.sandbox import Sandbox
from sandbox.webapi.methods import METHODS

Result = dict[str, Any]


async def faults(sandbox: Sandbox, body: Body) -> Result:
    """`times` defaults to 1, null means until a reset or `{"clear": true}`."""
    if body.flag("clear"):
        sandbox.faults.clear()
    else:
        sandbox.faults.add(_fault(body))
    return listed(sandbox)


def listed(sandbox: Sandbox) -> Result:
    waiting = sandbox.faults.waiting()
    return {
        "faults": [
            {"method": f.method, "kind": f.kind, "times": f.times, "retry_after": f.retry_after} for f in waiting
        ]
    }


def _fault(body: Body) -> Fault:
    method, kind = body.text("method"), body.text("kind")
    if method != "*" and method not in METHODS:
        raise Refused(422, f"the sandbox knows no method {method!r}", methods=sorted(METHODS))
    if not is_kind(kind):
        raise Refused(422, f"{kind!r} is no kind of fault", kinds=[*PLAIN_KINDS, "error:<slack_error>"])
    times = None if body.given.get("times", 1) is None else body.number("times", 1)
    if times == 0:
        raise Refused(422, "'times' must be 1 or more, or null for always")
    return Fault(method, kind, times, body.number("retry_after", 1))


async def reset(sandbox: Sandbox, body: Body) -> Result:  # noqa: ARG001 - a call like the others
    sandbox.reset()
    return {"ok": True}


async def limits(sandbox: Sandbox, body: Body) -> Result:
    sandbox.workspace.pace_posts = body.flag("post_per_second")
    return {"post_per_second": sandbox.workspace.pace_posts}


async def token(sandbox: Sandbox, body: Body) -> Result:
    if "valid" not in body.given:
        raise Refused(422, "'valid' must be true or false")
    sandbox.workspace.token_works = body.flag("valid")
    return {"valid": sandbox.workspace.token_works}


async def channel(sandbox: Sandbox, body: Body) -> Result:
    """Makes a channel or changes one; what isn't given stays."""
    slack = sandbox.workspace
    name = body.text("name").removeprefix("#")
    found = slack.channel_named(name)
    if found is None:
        people = [user.id for user in slack.users.values() if not user.is_bot]
        found = Channel(slack.ids.new("C"), name, [*people, BOT_USER_ID])
        slack.channels[found.id] = found
    found.name = body.optional("rename") or found.name
    found.is_archived = body.flag("archived", default=found.is_archived)
    found.is_private = body.flag("private", default=found.is_private)
    _set_membership(found, member=body.flag("bot_member", default=found.bot_is_member))
    return {"channel": found.as_slack()}


def _set_membership(channel: Channel, *, member: bool) -> None:
    if member and not channel.bot_is_member:
        channel.members.append(BOT_USER_ID)
    elif not member and channel.bot_is_member:
        channel.members.remove(BOT_USER_ID)


async def socket(sandbox: Sandbox, body: Body) -> Result:
    """Slack lets go of every Socket Mode connection; the bot is to come back."""
    reason = body.optional("reason") or "refresh_requested"
    return {"disconnected": await sandbox.sockets.disconnect(reason)}
