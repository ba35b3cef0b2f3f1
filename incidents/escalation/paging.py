"""Pages with manners: each calls only those concerned, several at once become one message, and none is lost."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from incidents.escalation.calls import Call, done, following
from incidents.escalation.model import PAGES_ALONE, PlannedStep
from incidents.escalation.webhooks import Action
from incidents.model import SYSTEM, Actor, Incident
from incidents.outbox import Priority
from incidents.pages import NewPage
from incidents.ports import UnitOfWork
from incidents.record import write_down
from incidents.rules.escalates import Wanted, Why, escalates

AN_HOUR = timedelta(hours=1)
MERGED_EVERY = timedelta(minutes=5)
"""Above the most of an hour, a channel gets one message so often that has all pages since the last."""
_TOO_LATE = timedelta(seconds=10)
"""A message that is due so soon may be rendered already."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A page whose step is done, and the event that tells it."""

    call: Call
    step: PlannedStep
    event_id: int
    by_hand: bool

    @property
    def places(self) -> tuple[str, ...]:
        """Where else in Slack it is told: a channel, and people."""
        channel = self.call.step.channel
        return (*([channel] if channel else []), *self.call.direct)

    @property
    def began_anew(self) -> bool:
        """Whether something was planned for it before that did not come to pass: somebody had it, or it changed."""
        planned = self.step
        return planned.step > (planned.round - 1) * len(self.call.policy.steps) + planned.position


class Paging:
    """The pages of one transaction. Each is written down as it is made; how they are told is decided at the end."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._made: list[_Made] = []

    async def make(self, call: Call, *, by: Actor) -> Incident:
        """Do this step, which is planned for now or is asked for now, and plan the one after it."""
        uow, change, by_hand = self._uow, call.change(by, self._uow), by != SYSTEM
        reason = Why.BY_HAND.value if by_hand else None
        [event] = await write_down([change], change.after, by=by, uow=uow)
        if event.id is None:
            raise LookupError("an event that was stored has an id")
        step = done(call.planned, event_id=event.id, uow=uow, reason=reason)
        await uow.escalation.settle(step)
        wanted, why = escalates(change.after)
        if wanted is Wanted.PAGES or why is Why.FLAPPING:
            await uow.escalation.plan(await following(call, uow))
        await uow.outbox.touch_cards([change.after.id], priority=Priority.CLICK if by_hand else Priority.UPDATE)
        self._made.append(_Made(call, step, event.id, by_hand))
        return change.after

    async def send(self) -> None:
        """Ask for the messages."""
        homes = await self._uow.outbox.homes([made.call.incident.id for made in self._made])
        together: dict[tuple[str, tuple[str, ...]], list[_Made]] = defaultdict(list)
        for made in self._made:
            home = homes.get(made.call.incident.id)
            if home is not None and home.storm_id is not None and not (made.by_hand or made.began_anew):
                await self._tell_in_storm(made, home.channel, home.storm_id)
                continue
            await self._call_outside(made)
            if home is not None:
                together[home.channel, made.call.people].append(made)
            else:
                await self._call_elsewhere([made])
        for (channel, _), pages in together.items():
            await self._tell(channel, pages)

    async def _tell(self, channel: str, pages: Sequence[_Made]) -> None:
        """In its thread where it is one; in a message for all where they are several, or where many went before.

        Whoever asks for help by hand never waits.
        """
        uow, now = self._uow, self._uow.now
        is_full = not any(page.by_hand for page in pages) and await self._is_full(channel)
        if len(pages) == 1 or is_full:
            await self._call_elsewhere(pages)
        if len(pages) == 1 and not is_full:
            [page] = pages
            await uow.outbox.add_reminder(
                page.call.incident.id, page.event_id, priority=Priority.ESCALATION, asks=False
            )
            return
        row = await uow.outbox.waiting_page(channel, after=now + _TOO_LATE) if is_full else None
        if row is None:
            due = now + MERGED_EVERY if is_full else now
            row = await uow.outbox.add_page(NewPage(0, channel, f"page:{pages[0].event_id}", due))
        await uow.escalation.tell_in([page.step for page in pages], outbox_id=row)
        if len(pages) > 1 and not is_full:
            await self._call_elsewhere_together(pages, row)

    async def _is_full(self, channel: str) -> bool:
        sent = await self._uow.outbox.calls_since(channel, since=self._uow.now - AN_HOUR)
        return sent >= self._uow.policy.paging.most_per_hour

    async def _tell_in_storm(self, made: _Made, channel: str, storm_id: int) -> None:
        """Once for each step and place, however many incidents its roll-up stands for.

        One that was taken and given back is called about by itself: the storm's message has been sent.
        """
        step = made.step
        subject = f"storm:{storm_id}:{step.round}.{step.position}"
        row = await self._uow.outbox.add_page(NewPage(0, channel, subject, self._uow.now))
        await self._uow.escalation.tell_in([step], outbox_id=row)
        for place in made.places:
            await self._uow.outbox.add_page(NewPage(0, place, subject, self._uow.now))
        if self._keeps_incidents(made) or await self._uow.escalation.count_told_in(row) == 1:
            await self._call_outside(made)

    def _keeps_incidents(self, made: _Made) -> bool:
        """Whether whom its webhook calls keeps incidents of its own; who does not is called once for a storm."""
        webhook = self._uow.policy.webhooks.get(made.call.step.webhook or "")
        return webhook is None or webhook.template not in PAGES_ALONE

    async def _call_elsewhere(self, pages: Sequence[_Made]) -> None:
        """In another channel, and to people themselves: a message for each incident."""
        for made in pages:
            for place in made.places:
                page = NewPage(made.call.incident.id, place, f"event:{made.event_id}", self._uow.now)
                await self._uow.outbox.add_page(page)

    async def _call_elsewhere_together(self, pages: Sequence[_Made], row: int) -> None:
        """The same in one message for each place, of those of the page ``row`` that go there."""
        for place in dict.fromkeys(place for made in pages for place in made.places):
            await self._uow.outbox.add_page(NewPage(0, place, f"as:{row}", self._uow.now))

    async def _call_outside(self, made: _Made) -> None:
        """Out of Slack: each incident by itself, for the receiver hears of its end, too."""
        if webhook := made.call.step.webhook:
            await self._uow.webhooks.add(made.call.incident.id, made.event_id, [webhook], Action.TRIGGER)
