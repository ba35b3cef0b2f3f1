"""Two incidents that are one trouble, and one that is two."""

from collections.abc import Collection

from incidents import actions
from incidents.actions.split import series_to_split
from incidents.model import Incident, Series
from incidents.ports import UnitOfWork
from receiver.api.acting import action, just, told, where_incident
from receiver.api.call import Answer, Call
from receiver.api.errors import FieldMistake
from receiver.api.finding import incident_of
from receiver.api.mistakes import incident_in, told_in
from receiver.api.models.acting import Merging, Splitting


async def _merge(call: Call, uow: UnitOfWork) -> Answer:
    incident = await incident_of(call, uow)
    other = await incident_in("body.into", call.body(Merging).into, uow)
    return told(await actions.merge(incident.id, into=other.id, by=call.by, uow=uow))


async def _split(call: Call, uow: UnitOfWork) -> Answer:
    incident = await incident_of(call, uow)
    parts = await series_to_split(incident.id, uow=uow)
    keys = _chosen(parts, call.body(Splitting).series, of=incident)
    with told_in("body.series"):
        new = await actions.split(incident.id, series_keys=keys, by=call.by, uow=uow)
    return told(new)


def _chosen(parts: Collection[Series], named: Collection[str], *, of: Incident) -> set[str]:
    """Their keys. Raises FieldMistake."""
    unknown = [number for number, one in enumerate(named) if not any(one in {s.key, s.fingerprint} for s in parts)]
    if unknown:
        message = f"{of.name} has no such series: write its key or its fingerprint"
        raise FieldMistake([{"field": f"body.series.{number}", "message": message} for number in unknown])
    wanted = set(named)
    return {series.key for series in parts if wanted & {series.key, series.fingerprint}}


OPERATIONS = (
    action(
        "merge",
        "Merge an incident into another",
        _merge,
        name="merge_incident",
        body=Merging,
        examples={"into another": {"into": "INC-2"}},
        description="Its series move to the other, and later alerts of it go there while that is open.",
    ),
    action(
        "unmerge",
        "Undo a merge",
        just(actions.unmerge),
        name="unmerge_incident",
        description="Its series come back, and it is open again if one of them fires.",
    ),
    action(
        "split",
        "Give some of its series an incident of their own",
        _split,
        name="split_incident",
        body=Splitting,
        examples={"by fingerprint": {"series": ["3f2a1c9b7d5e4f60"]}},
        status=201,
        location=where_incident,
        description="Answers the new incident, which is as grave, and has the same owner.",
    ),
)
