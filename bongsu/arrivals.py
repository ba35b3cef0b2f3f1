"""What ``bongsu doctor`` finds out from what came in lately."""

from datetime import timedelta

from bongsu.why.plain import line
from bot.check import Finding, Level
from db.transactions import SqlTransactions
from incidents.deliveries import Refusals
from incidents.ports import UnitOfWork
from incidents.rules.cluster import is_fallback
from receiver.sources import SOURCES

_LATELY = timedelta(hours=24)
_ALERTS = 1000
_HOW_TO_NAME = (
    "give the rules a label `cluster` (or add a label that they have to labels.cluster in bongsu.yaml), end the "
    "contact point's URL in ?cluster=<name>, or set default_labels of the source in bongsu.yaml"
)


async def check_arrivals(transactions: SqlTransactions) -> list[Finding]:
    """Raises Unavailable."""
    return await transactions.read(_look)


async def _look(uow: UnitOfWork) -> list[Finding]:
    since = uow.now - _LATELY
    refused = {source: await uow.deliveries.refusals(source, since, uow.now) for source in SOURCES}
    clusters = await uow.deliveries.latest_clusters(since=since, limit=_ALERTS)
    return [*refusals_told(refused), *clusters_told(clusters)]


def refusals_told(refused: dict[str, Refusals]) -> list[Finding]:
    """What still waits to be replayed."""
    waiting = [(source, one) for source, one in refused.items() if one.count > one.replayed]
    if not waiting:
        return [Finding(Level.OK, "no body was refused in the last 24 hours that was not replayed since")]
    return [_refused(source, one) for source, one in waiting]


def _refused(source: str, refusals: Refusals) -> Finding:
    count = refusals.count - refusals.replayed
    many = f"{'more than ' if refusals.is_more else ''}{count:,} {'body' if count == 1 else 'bodies'}"
    what = f"{many} from {source} {'was' if count == 1 else 'were'} refused in the last 24 hours"
    how = "see `bongsu deliveries --refused --since 24h`; after a fix `bongsu replay --refused --since 24h`"
    return Finding(Level.WARNING, f"{what}, the latest: {line(refusals.latest_error, 200)}", how)


def clusters_told(clusters: list[str]) -> list[Finding]:
    """Nothing where no alert came in."""
    if not clusters:
        return []
    nameless = sum(not cluster or is_fallback(cluster) for cluster in clusters)
    if not nameless:
        return [Finding(Level.OK, f"the last {len(clusters):,} alerts name their cluster")]
    share = max(1, round(100 * nameless / len(clusters)))
    what = f"{share} % of the last {len(clusters):,} alerts name no cluster: the same trouble in two is one incident"
    return [Finding(Level.WARNING, what, _HOW_TO_NAME)]
