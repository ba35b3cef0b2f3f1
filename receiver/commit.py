"""From a delivery to a commit."""

from datetime import timedelta

from incidents.ingest import Ingested, ingest, reject
from incidents.model import Delivery, RejectedDelivery
from incidents.policy import Policy
from incidents.ports import Transactions

REJECTED_PATIENCE = timedelta(seconds=2)
"""How long an answer that is a refusal anyway waits for the database."""


class Commits:
    """The store of the intake: each call is one transaction, committed when it returns."""

    def __init__(self, transactions: Transactions, policy: Policy, *, patience: timedelta) -> None:
        self._transactions = transactions
        self._policy = policy
        self._patience = patience

    async def take(self, delivery: Delivery) -> Ingested:
        """Raises Unavailable after ``patience``."""
        [ingested] = await self._transactions.write(
            lambda uow: ingest([delivery], uow=uow, policy=self._policy), patience=self._patience
        )
        return ingested

    async def keep(self, rejected: RejectedDelivery) -> int:
        """The id under which it is kept. Raises Unavailable, soon."""
        return await self._transactions.write(
            lambda uow: reject(rejected, uow=uow, policy=self._policy), patience=REJECTED_PATIENCE
        )
