"""All parts in their order: what is to be done, and doing it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from bongsu.client.errors import ClientError, NotReached, UsedWrongly
from bongsu.grafana import contact_point, dashboards, datasources, folder, packaged, policy, rules
from bongsu.grafana.client import Grafana
from bongsu.grafana.step import Outcome, Part, Planned, failed
from bongsu.grafana.version import Version
from bongsu.grafana.wanted import (
    CONTACT_NAME,
    FOLDER_TITLE,
    FOLDER_UID,
    MYSQL_NAME,
    MYSQL_UID,
    PROMETHEUS_NAME,
    PROMETHEUS_UID,
    Wanted,
)

_FOLDER = f'folder "{FOLDER_TITLE}"'
_CONTACT = f'contact point "{CONTACT_NAME}"'
_PROMETHEUS = f'data source "{PROMETHEUS_NAME}"'


@dataclass(frozen=True, slots=True)
class Done:
    """``error`` None: it is done. ``tried`` False: it was not even begun, and ``error`` says why."""

    name: str
    tried: bool = True
    remark: str = ""
    error: str | None = None
    stopped_by: NotReached | UsedWrongly | None = None


def parts(grafana: Grafana, wanted: Wanted, version: Version) -> list[Part]:
    """Each after those that it needs."""
    return [
        *_places(grafana, wanted),
        *_dashboards(grafana, wanted),
        *_alerting(grafana, wanted, version),
        *_rules(grafana, wanted),
    ]


def sources_of(wanted: Wanted) -> dict[str, tuple[str, str]]:
    """(name, uid) of the data source that dashboards begin with, by its type."""
    found = {"mysql": (MYSQL_NAME, MYSQL_UID)} if wanted.mysql is not None else {}
    if wanted.prometheus_uid is not None:
        name = PROMETHEUS_NAME if wanted.prometheus_uid == PROMETHEUS_UID else wanted.prometheus_uid
        found["prometheus"] = (name, wanted.prometheus_uid)
    return found


def values_of(wanted: Wanted) -> dict[str, str]:
    """Of the dashboards' constants."""
    return {"tenant": wanted.tenant, **({"slack_url": wanted.slack_url} if wanted.slack_url else {})}


def _places(grafana: Grafana, wanted: Wanted) -> Iterable[Part]:
    if wanted.has_dashboards or wanted.has_alerts:
        yield Part(_FOLDER, partial(folder.look, grafana))
    if wanted.mysql is not None:
        yield Part(f'data source "{MYSQL_NAME}"', partial(datasources.look, grafana, datasources.mysql(wanted.mysql)))
    if wanted.prometheus_url is not None:
        yield Part(_PROMETHEUS, partial(datasources.look, grafana, datasources.prometheus(wanted.prometheus_url)))
    elif wanted.prometheus_uid is not None:
        yield Part(_named(wanted.prometheus_uid), partial(datasources.look_for, grafana, wanted.prometheus_uid))


def _dashboards(grafana: Grafana, wanted: Wanted) -> Iterable[Part]:
    sources, values = sources_of(wanted), values_of(wanted)
    for one in packaged.dashboards().values() if wanted.has_dashboards else ():
        look = partial(dashboards.look, grafana, one, sources=sources, values=values, overwrite=wanted.overwrite)
        yield Part(f'dashboard "{one["title"]}"', look, (_FOLDER,))


def _alerting(grafana: Grafana, wanted: Wanted, version: Version) -> Iterable[Part]:
    if wanted.contact is not None:
        yield Part(_CONTACT, partial(contact_point.look, grafana, wanted.contact, version))
    if wanted.has_policy:
        yield Part("notification policy", partial(policy.look, grafana, wanted.matchers), (_CONTACT,))


def _rules(grafana: Grafana, wanted: Wanted) -> Iterable[Part]:
    file = packaged.alert_rules_file(wanted.docs_url) if wanted.has_rules else None
    if file is None or wanted.prometheus_uid is None:
        return
    source = _PROMETHEUS if wanted.prometheus_url is not None else _named(wanted.prometheus_uid)
    for group in packaged.rule_groups(file, folder_uid=FOLDER_UID, prometheus_uid=wanted.prometheus_uid):
        look = partial(rules.look, grafana, group, overwrite=wanted.overwrite)
        yield Part(f'alert rules "{group["title"]}"', look, (_FOLDER, source))


def _named(uid: str) -> str:
    return f"data source {uid}"


def plan(every: Iterable[Part]) -> Iterator[Planned]:
    """One after the other. Changes nothing. What can't be looked at is FAILED.

    Raises NotReached and UsedWrongly, as then nothing else would go better.
    """
    for part in every:
        try:
            step = part.look()
        except (NotReached, UsedWrongly):
            raise
        except ClientError as error:
            step = failed(error)
        yield Planned(part, step)


def carry_out(planned: Sequence[Planned], *, begin: Callable[[str], None], end: Callable[[Done], None]) -> list[Done]:
    """Does what is to be done, one after the other, and goes on with what does not need what failed.

    ``begin`` hears the name of each before it is tried, and ``end`` what became of it.
    """
    missing = {one.name: "it can't be looked at" for one in planned if one.step.outcome is Outcome.FAILED}
    all_done: list[Done] = []
    stopped: NotReached | UsedWrongly | None = None
    for one in planned:
        if not one.step.outcome.writes:
            continue
        done = _not_tried(one, missing, stopped)
        if done is None:
            begin(one.name)
            done = _try(one)
            end(done)
        if done.error is not None:
            missing[one.name] = done.error
        stopped = stopped or done.stopped_by
        all_done.append(done)
    return all_done


def _not_tried(one: Planned, missing: dict[str, str], stopped: ClientError | None) -> Done | None:
    """None: nothing stands in its way."""
    if stopped is not None:
        return Done(one.name, tried=False, error="Grafana did not answer any more, or not to this credential")
    lacking = next((need for need in one.part.needs if need in missing), None)
    return Done(one.name, tried=False, error=f"it needs the {lacking}") if lacking is not None else None


def _try(one: Planned) -> Done:
    try:
        remark = one.step.write() if one.step.write is not None else ""
    except (NotReached, UsedWrongly) as error:
        return Done(one.name, error=str(error), stopped_by=error)
    except ClientError as error:
        return Done(one.name, error=str(error))
    return Done(one.name, remark=remark)
