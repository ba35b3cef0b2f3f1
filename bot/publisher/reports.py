"""Reports: messages of their own in a channel, of more than one incident, by what their subject begins with."""

from collections.abc import Awaitable, Callable, Mapping

from bot.blocks.card import LinkTo
from bot.blocks.report import report
from bot.message import Message
from incidents.digests.model import edition_id
from incidents.digests.report import report_of
from incidents.policy import Policy
from incidents.ports import Job, UnitOfWork

Renderer = Callable[[Job, UnitOfWork, Policy, LinkTo], Awaitable[Message | None]]


async def report_message(job: Job, uow: UnitOfWork, policy: Policy, link_to: LinkTo) -> Message | None:
    """As things stand. None: nothing is to be told. Raises LookupError for a subject that nobody renders."""
    kind = job.subject.partition(":")[0]
    if kind not in RENDERERS:
        raise LookupError(f"nothing is known of a report {job.subject}")
    return await RENDERERS[kind](job, uow, policy, link_to)


async def _digest(job: Job, uow: UnitOfWork, policy: Policy, link_to: LinkTo) -> Message:  # noqa: ARG001 - as all are
    edition = await uow.digests.get(edition_id(job.subject))
    return report(await report_of(edition, uow), link_to=link_to)


RENDERERS: Mapping[str, Renderer] = {"digest": _digest}
