"""Alerts of keys whose incidents people have merged into others: these are laid out, too."""

from collections.abc import Collection, Mapping

from incidents.errors import Conflict
from incidents.ingest.desk import Case, Desk
from incidents.merges import Alias
from incidents.ports import UnitOfWork
from incidents.rules.flapping import FLAPPING_HOUR


async def lay_out_merged(
    desk: Desk, aliases: Mapping[str, Alias], series_keys: Collection[str], uow: UnitOfWork
) -> None:
    """Lock the incidents into which these were merged, as far as they are not on the desk.

    Whoever merges, or undoes it, holds them, too: what was read without a lock is read again, and is true then. Raises
    Conflict where it was not.
    """
    since = desk.now - desk.policy.reopen_window
    missing = {alias.other_key: alias.incident_id for alias in aliases.values() if alias.incident_id not in desk.cases}
    if missing:
        locked = await uow.incidents.lock_for(keys=missing.keys(), ids=missing.values(), resolved_since=since)
        for incident in locked:
            if incident.id not in desk.cases:
                desk.add_case(Case(incident))
    keys = {*aliases, *(alias.other_key for alias in aliases.values())}
    past = await uow.episodes.past_of(keys, opened_since=desk.now - FLAPPING_HOUR, alive_since=since)
    is_true = all(past.aliases.get(key) == alias for key, alias in aliases.items())
    if not is_true or await uow.series.latest(series_keys) != desk.series:
        raise Conflict("incidents were merged, or series moved, before what they were merged into was locked")
    desk.aliases = dict(aliases)
    desk.episodes.update(past.opened)
