"""What there is to say about a claimed call, read from the database when it is to be said."""

from collections.abc import Callable

from incidents.escalation.webhooks import WebhookJob
from incidents.model import Event, Incident
from incidents.ports import UnitOfWork
from jobs.outgoing.page import Page

LinkTo = Callable[[str, str], str | None]
"""The address of a message: (channel id, ts); None while it isn't known."""

_KEY_OF_THE_INSTALLATION = 12


def key_of(incident: Incident) -> str:
    """The same for all that is said of this incident: numbers alone are the same in every installation."""
    return f"bongsu-{incident.name}-{incident.incident_key[:_KEY_OF_THE_INSTALLATION]}"


async def page_of(job: WebhookJob, uow: UnitOfWork, *, link_to: LinkTo) -> tuple[Page, Incident]:
    """Raises IncidentNotFound."""
    incident = await uow.incidents.get(job.incident_id)
    event = await _event(job, uow)
    places = await uow.views.card_places(job.incident_id)
    links = [link for place in places if (link := link_to(*place))]
    page = Page(
        action=job.action,
        name=incident.name,
        key=key_of(incident),
        title=incident.title,
        severity=incident.severity,
        status=incident.status,
        place=incident.place,
        link=next(iter(links), None),
        step=_step(event),
        at=job.began_at if event is None else event.at,
        event_id=job.event_id,
        idempotency_key=job.idempotency_key,
    )
    return page, incident


async def _event(job: WebhookJob, uow: UnitOfWork) -> Event | None:
    try:
        return await uow.timeline.get(job.event_id)
    except LookupError:
        return None


def _step(event: Event | None) -> str:
    """``2/3``."""
    step, of = (event.data.get(name) for name in ("step", "of")) if event is not None else (None, None)
    return f"{step}/{of}" if isinstance(step, int) and isinstance(of, int) else ""
