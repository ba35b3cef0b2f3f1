"""Figures of some days."""

from datetime import timedelta

from incidents.access.model import Scope
from incidents.daily.asking import Question, stats, whole_days
from incidents.ports import UnitOfWork
from incidents.roles import Role
from receiver.api.call import Answer, Call
from receiver.api.errors import FieldMistake
from receiver.api.models.stats import MOST_DAYS, StatsQuery, StatsShape, days_of
from receiver.api.operation import Operation


async def _stats(call: Call, uow: UnitOfWork) -> Answer:
    asked = call.query(StatsQuery)
    since, until = days_of(asked, uow.now)
    if since >= until:
        raise FieldMistake([{"field": "query.since", "message": f"nothing is between it and {until.isoformat()}"}])
    first, last = whole_days(since, until)
    if last - first > timedelta(days=MOST_DAYS):
        told = f"these are {(last - first).days} days: ask for {MOST_DAYS} at most"
        raise FieldMistake([{"field": "query.since", "message": told}])
    question = Question(first, last, asked.where, asked.group_by)
    found = await stats(question, uow=uow, window=call.policy.reopen_window)
    return Answer(StatsShape.of(question, found, now=uow.now))


OPERATIONS = (
    Operation(
        method="GET",
        path="/stats",
        name="get_stats",
        summary="Figures of some days",
        description="How much there was, how long it took until somebody responded and until it was over, and which "
        "rules were the noisiest: of whole days (UTC), altogether and by service, cluster, severity or day. What "
        "somebody did to older incidents in the last two minutes may not be in it yet.",
        tag="stats",
        scope=Scope.READ,
        role=Role.VIEWER,
        query=StatsQuery,
        answer=StatsShape,
        work=_stats,
    ),
)
