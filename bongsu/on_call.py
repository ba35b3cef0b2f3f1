"""What keeps on-call in step: calendars, Slack user groups, handovers, and people who left."""

from collections.abc import Callable

from bot.client import Identity
from bot.doorkeeper import Doorkeeper
from bot.usergroups import GroupKeeper
from db.transactions import SqlTransactions
from incidents.policy import Policies
from jobs.calendars.fetch import Fetch
from jobs.calendars.reading import CalendarReader
from jobs.handovers import Handovers
from jobs.leavers import Leavers
from jobs.ticker import Ticker


def keep_on_call(
    ticker: Ticker,
    transactions: SqlTransactions,
    policies: Policies,
    *,
    fetch: Fetch,
    people: tuple[Identity, Doorkeeper],
    changed: Callable[[], None],
) -> None:
    """Nothing runs before the ticker does. ``fetch`` gets calendars; ``changed``: there is something to send."""
    fits, (identity, doorkeeper) = transactions.fits, people

    def reaches_slack() -> bool:
        return identity.is_connected and fits()

    reader = CalendarReader(transactions, policies, fetch, changed=changed)
    ticker.every(3.0, reader.tick, name="read calendars", when=fits)
    handovers = Handovers(transactions, policies, changed=changed)
    ticker.every(3.0, handovers.tick, name="look whose turn has passed", when=fits)
    outdated = doorkeeper.groups.outdated
    groups = GroupKeeper(transactions, identity.client, policies, outdated=outdated, changed=changed)
    ticker.every(20.0, groups.tick, name="keep user groups in step", when=reaches_slack)
    leavers = Leavers(transactions, doorkeeper.directory, policies, changed=changed)
    ticker.every(60.0, leavers.tick, name="look who has left", when=reaches_slack)
