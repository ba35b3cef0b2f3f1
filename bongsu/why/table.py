"""``bongsu deliveries``: one line each, newest first."""

from collections.abc import Sequence

from bongsu.columns import columns
from bongsu.why.plain import line, moment
from incidents.deliveries import DeliveryStatus, PastDelivery

_HEADINGS = ("id", "received (UTC)", "source", "became", "alerts", "incidents", "")
_NUMBERS = {0, 4}
_LONGEST_ERROR = 100
_MOST_INCIDENTS = 5
NOTHING = (
    "Nothing like that came in.\n"
    "What never reached Bongsu, had no valid credential, or came while the database was away is not kept: look into "
    "the log of the sender (Grafana: `logger=ngalert.notifier`) and of Bongsu (`delivery_unauthorised`, "
    "`delivery_unavailable`).\n"
)


def table(deliveries: Sequence[PastDelivery]) -> str:
    if not deliveries:
        return NOTHING
    return columns(_HEADINGS, [_row(one) for one in deliveries], numbers=_NUMBERS)


def _row(one: PastDelivery) -> tuple[str, ...]:
    stored = str(one.alerts) if one.status is DeliveryStatus.PROCESSED else ""
    incidents = names(one.incidents)
    return (str(one.id), moment(one.received_at), line(one.source, 32), one.status.value, stored, incidents, _what(one))


def names(incidents: Sequence[int]) -> str:
    """``INC-1, INC-2 +3``"""
    shown = ", ".join(f"INC-{number}" for number in incidents[:_MOST_INCIDENTS])
    more = len(incidents) - _MOST_INCIDENTS
    return f"{shown} +{more}" if more > 0 else shown


def _what(one: PastDelivery) -> str:
    match one.status:
        case DeliveryStatus.REJECTED:
            return line(one.error or "", _LONGEST_ERROR)
        case DeliveryStatus.DUPLICATE:
            return f"said the same as {one.other_id}"
        case DeliveryStatus.REPLAYED:
            return f"was refused, then taken as {one.other_id}"
        case _:
            return "" if one.incidents else "no incident"
