"""A word to who runs Bongsu: pages don't get through to a webhook."""

from incidents.escalation.webhooks import WebhookHour, WebhookJob
from incidents.ports import UnitOfWork
from jobs.outgoing.verdict import TOLD_AFTER


async def tell(job: WebhookJob, uow: UnitOfWork, *, gave_up: bool) -> None:
    """Of a call that failed. Once for each webhook and hour, and how it stands since."""
    if gave_up or uow.now - job.began_at > TOLD_AFTER:
        await uow.outbox.add_notice(_subject(job), channel=uow.policy.channel_for_admins)


async def take_back(job: WebhookJob, uow: UnitOfWork) -> None:
    """It got through: what was said of it is no longer so."""
    if job.is_begun:
        await uow.outbox.touch_notice(_subject(job))


def _subject(job: WebhookJob) -> str:
    return WebhookHour.of(job.name, job.began_at).subject
