"""What is said to who runs Bongsu, in the channel for admins: asked for, and rendered as things stand."""

from bot.blocks.card import LinkTo
from bot.blocks.channel_notice import channel_notice
from bot.blocks.config_notice import config_notice
from bot.blocks.notice import refusals_notice
from bot.blocks.overdue_notice import overdue_notice
from bot.blocks.trouble_notice import trouble_notice
from bot.blocks.webhook_notice import webhook_notice
from bot.message import Message
from bot.publisher.maintenance import maintenance_notice
from incidents.channels import ChannelHour
from incidents.configuration import ConfigHour
from incidents.deliveries import SourceHour
from incidents.escalation.overdue import OverdueHour, overdue
from incidents.escalation.webhooks import WebhookHour
from incidents.maintenance.telling import is_about_maintenance
from incidents.policy import Policy
from incidents.ports import UnitOfWork
from incidents.schedules.trouble import trouble_named


async def tell_of_channel(channel: str, uow: UnitOfWork, *, admins: str, is_news: bool) -> None:
    """Who runs Bongsu hears once for each channel and hour that it can't be used, unless it is their own."""
    if channel != admins:
        subject = ChannelHour.of(channel, uow.now).subject
        await uow.outbox.add_notice_once(subject, channel=admins)
        if is_news:
            await uow.outbox.touch_notice(subject)


async def notice(subject: str, uow: UnitOfWork, policy: Policy, link_to: LinkTo) -> Message:
    """A word to who runs Bongsu, or to who plans maintenance, as it is now. ``subject`` as the outbox names it."""
    if is_about_maintenance(subject):
        return await maintenance_notice(subject, uow, link_to)
    if ConfigHour.named(subject) is not None:
        return config_notice(await uow.configuration.broken())
    if OverdueHour.named(subject) is not None:
        return overdue_notice(await overdue(uow))
    if (of_channel := ChannelHour.named(subject)) is not None:
        unusable = [one for one in await uow.publishing.unusable_channels() if of_channel.is_of(one.channel)]
        return channel_notice(of_channel, next(iter(unusable), None), fallback=policy.default_channel)
    if (of_trouble := trouble_named(subject)) is not None:
        trouble_id, schedule = of_trouble
        return trouble_notice(await uow.troubles.get(trouble_id), schedule=schedule)
    if (of_webhook := WebhookHour.named(subject)) is not None:
        return webhook_notice(of_webhook, await uow.webhooks.trouble(of_webhook))
    hour = SourceHour.named(subject)
    return refusals_notice(hour, await uow.deliveries.refusals(hour.source, hour.since, hour.until))
