"""``bongsu doctor``: what is wrong, and how to mend it."""

import argparse
import asyncio
import sys
from typing import Any

from bongsu.arrivals import check_arrivals
from bongsu.config_mistakes import InvalidConfig
from bongsu.heartbeats_told import check_heartbeats
from bongsu.keys_told import check_keys
from bongsu.readiness import Readiness
from bongsu.settings import Settings, read_settings, require_for_serving
from bongsu.showing import check_showing
from bongsu.tenants_told import check_tenants
from bot.check import Finding, Level, check_groups, check_slack
from bot.check_on_call import check_following, check_people
from bot.client import make_client, make_session
from bot.settings import SlackSettings
from db.engine import connect, parse_url
from db.migrate import DEFAULT_TENANT_ID
from db.transactions import SqlTransactions
from incidents.errors import InvalidInput, Unavailable
from incidents.schedules.people import named_people

_MARKS = {Level.OK: "✓", Level.WARNING: "!", Level.ERROR: "✗"}


def add_to(commands: Any) -> None:
    parser = commands.add_parser(
        "doctor", help="say what is wrong with settings, database and Slack, and how to mend it"
    )
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Exit code 1 where something is wrong that keeps Bongsu from working."""
    findings = asyncio.run(_examine())
    for finding in findings:
        sys.stdout.write(f"{_MARKS[finding.level]} {finding.what}\n")
        if finding.how:
            sys.stdout.write(f"    → {finding.how}\n")
    return int(any(finding.level is Level.ERROR for finding in findings))


async def _examine() -> list[Finding]:
    try:
        settings = read_settings()
    except InvalidConfig as error:
        return [Finding(Level.ERROR, f"{one.where or 'bongsu.yaml'} is wrong", str(one)) for one in error.mistakes]
    except InvalidInput as error:
        return [Finding(Level.ERROR, f"{error.field} is wrong", error.problem)]
    return [*_settings(settings), *await _database(settings), *await _slack(settings.slack, settings)]


def _settings(settings: Settings) -> list[Finding]:
    try:
        require_for_serving(settings)
    except InvalidInput as error:
        return [Finding(Level.ERROR, f"`bongsu serve` would not start: {error.field}", error.problem)]
    if settings.receiver.anonymous:
        return [
            Finding(
                Level.WARNING,
                "anybody may send alerts",
                "set BONGSU_WEBHOOK_TOKEN and leave out BONGSU_WEBHOOK_ANONYMOUS",
            )
        ]
    return [Finding(Level.OK, "the settings are right")]


async def _database(settings: Settings) -> list[Finding]:
    where = _where(settings)
    engines = connect(settings.database_url, settings.database_hosts)
    try:
        problems = await Readiness(engines).problems()
        if not problems:
            transactions = SqlTransactions(engines, tenant_id=DEFAULT_TENANT_ID)
            lately = [*await check_arrivals(transactions), *await check_showing(transactions, settings.policy)]
            lately += await check_heartbeats(transactions, settings.policy)
            lately += await check_tenants(engines, settings)
            lately += await check_keys(transactions) if settings.receiver.keys_only else []
            return [Finding(Level.OK, f"{where} answers, and its tables are up to date"), *lately]
    except Unavailable as error:
        how = "see that it runs, and that host, port, name, user and password in BONGSU_DATABASE_URL are right"
        return [Finding(Level.ERROR, f"{where}: {error}", how)]
    finally:
        await engines.dispose()
    told = [problem.partition(": ") for problem in problems]
    return [Finding(Level.ERROR, f"{where}: {what}", how) for what, _, how in told]


def _where(settings: Settings) -> str:
    """Without the password; of more than one host all of them."""
    url = parse_url(settings.database_url)
    if not settings.database_hosts:
        return url.render_as_string(hide_password=True)
    return f"{url.database} at {', '.join(str(host) for host in settings.database_hosts)}"


async def _slack(slack: SlackSettings | None, settings: Settings) -> list[Finding]:
    if slack is None:
        return []
    async with make_session() as session:
        client, policy = make_client(slack, session), settings.policy
        found = await check_slack(
            client,
            channel=policy.default_channel,
            admin_channel=policy.admin_channel,
            routed=policy.channels,
            mentioned=policy.mentions,
        )
        following = [one.user_group for one in policy.schedules.values() if one.user_group is not None]
        return [
            *found,
            *await check_groups(client, policy.roles.groups),
            *await check_following(client, list(dict.fromkeys(following))),
            *await check_people(client, named_people(policy)),
        ]
