"""Which of their columns is which of ours. Names are compared without case and underscores: startsAt is starts_at."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incidents.errors import InvalidInput

_PLACE = {
    "cluster": ("cluster", "cluster_name", "k8s_cluster"),
    "namespace": ("namespace", "ns", "kubernetes_namespace", "k8s_namespace"),
    "service": ("service", "service_name", "app", "application"),
    "phase": ("phase", "env", "environment", "stage"),
}
_COMMON = {
    "id": ("id",),
    "severity": ("severity", "priority", "level"),
    "rule_uid": ("rule_uid", "alert_rule_uid"),
    **_PLACE,
}
ALERT: Mapping[str, Sequence[str]] = {
    **_COMMON,
    "incident": ("incident_id", "incident"),
    "name": ("alert_name", "alertname", "rule_name", "name", "title"),
    "status": ("status", "state", "alert_status", "alert_state"),
    "labels": ("labels", "common_labels", "tags"),
    "annotations": ("annotations", "common_annotations"),
    "values": ("metric_values", "values", "value"),
    "fingerprint": ("fingerprint",),
    "starts_at": ("starts_at", "start_time", "started_at", "fired_at", "start_at"),
    "ends_at": ("ends_at", "end_time", "ended_at", "resolved_at", "resolved_time", "end_at"),
    "received_at": ("received_at", "received_time", "created_at", "inserted_at", "timestamp", "created", "time"),
    "summary": ("summary", "description", "message"),
    "raw": ("raw_payload", "raw", "payload", "raw_data", "raw_alert", "body", "data"),
    "generator_url": ("generator_url",),
    "source": ("source",),
}
INCIDENT: Mapping[str, Sequence[str]] = {
    **_COMMON,
    "name": ("alert_name", "alertname", "rule_name", "name"),
    "title": ("title", "summary", "description"),
    "status": ("status", "state", "incident_status"),
    "start_time": ("start_time", "started_at", "starts_at", "start_at", "opened_at", "created_at"),
    "opened_at": ("opened_at", "created_at", "created_time", "received_at"),
    "acknowledged_time": (
        "acknowledged_time", "acknowledged_at", "acked_at", "ack_time", "ack_at", "acknowledge_time",
    ),
    "acknowledged_by": ("acknowledged_by", "acked_by", "ack_by", "acknowledged_user", "ack_user"),
    "resolved_time": ("resolved_time", "resolved_at", "closed_at", "end_time", "ended_at", "ends_at", "resolve_time"),
    "resolved_by": ("resolved_by", "closed_by", "resolved_user"),
    "resolution": ("resolution", "resolve_reason", "resolution_type"),
    "assignee": ("assignee", "assigned_to", "owner"),
    "is_noise": ("is_noise", "noise", "is_false_positive", "false_positive"),
    "noise_reason": ("noise_reason",),
    "slack_channel": ("slack_channel", "slack_channel_id", "channel_id", "channel"),
    "slack_ts": ("slack_ts", "slack_message_ts", "message_ts", "slack_thread_ts", "thread_ts", "ts"),
    "alert_count": ("alert_count", "alerts_count", "alert_total", "count"),
    "last_alert_time": ("last_alert_time", "last_alert_at", "last_seen", "last_seen_at"),
    "labels": ("labels", "common_labels"),
    "source": ("source",),
}  # fmt: skip
"""By our names, theirs in the order in which they are looked for."""


@dataclass(frozen=True, slots=True)
class Columns:
    """``of`` maps our names to theirs, as far as the table has them; ``unused`` are those that say nothing to us.

    ``guessed``: those of ours that are called otherwise there, and that no person has named.
    """

    of: Mapping[str, str]
    unused: Sequence[str]
    guessed: frozenset[str] = frozenset()

    def __contains__(self, ours: str) -> bool:
        return ours in self.of


def matched(
    theirs: Sequence[str], known: Mapping[str, Sequence[str]], mapped: Mapping[str, str], *, table: str
) -> Columns:
    """``mapped``: what a person says, their column → our name, "" for none. Raises InvalidInput where there is no id,
    no such column, or two for one of ours."""
    found = _named(theirs, known, mapped, table)
    named = frozenset(found)
    by_name = {_plain(one): one for one in theirs if one not in mapped}
    for ours, names in known.items():
        if ours not in found:
            there = [by_name[_plain(name)] for name in names if _plain(name) in by_name]
            if there:
                found[ours] = there[0]
    if "id" not in found:
        raise InvalidInput("--map", f"{table} has no column 'id', by which rows are known again: write --map THEIRS=id")
    guessed = frozenset(ours for ours, their in found.items() if ours not in named and _plain(ours) != _plain(their))
    return Columns(found, [one for one in theirs if one not in found.values()], guessed)


def _named(
    theirs: Sequence[str], known: Mapping[str, Sequence[str]], mapped: Mapping[str, str], table: str
) -> dict[str, str]:
    """Our names → theirs, as a person says."""
    found = dict[str, str]()
    for their, ours in mapped.items():
        if their not in theirs:
            raise InvalidInput("--map", f"{table} has no column {their!r}: it has {', '.join(theirs)}")
        if ours and ours not in known:
            raise InvalidInput("--map", f"{ours!r} is nothing that is read of {table}: write one of {', '.join(known)}")
        if ours in found:
            raise InvalidInput("--map", f"both {found[ours]!r} and {their!r} of {table} are to be {ours!r}: name one")
        if ours:
            found[ours] = their
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
