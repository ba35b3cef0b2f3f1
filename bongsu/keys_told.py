"""What the doctor says of API keys."""

from bot.check import Finding, Level
from incidents.access.model import Scope
from incidents.ports import Transactions, UnitOfWork

_HOW = "make one (`bongsu apikey create --role ingest --name grafana`), or set BONGSU_WEBHOOK_TOKEN in its place"


async def check_keys(transactions: Transactions) -> list[Finding]:
    """For where API keys alone let alerts in. Raises Unavailable."""

    async def work(uow: UnitOfWork) -> int:
        keys = await uow.api_keys.all()
        return sum(key.allows(Scope.INGEST) and key.is_valid(uow.now) for key in keys)

    count = await transactions.read(work)
    if not count:
        return [Finding(Level.WARNING, "nobody can send alerts: there is no valid API key that may", _HOW)]
    return [Finding(Level.OK, f"{count} API {'key' if count == 1 else 'keys'} may send alerts")]
