"""What ``bongsu doctor`` asks Slack about on-call: are the people there, and the user groups that follow schedules?"""

from collections.abc import Collection, Mapping

from slack_sdk.web.async_client import AsyncWebClient

from bot.check import Finding, Level, find_groups
from bot.people import Directory
from incidents.schedules.people import Named, NamedIn


async def check_people(client: AsyncWebClient, named: Mapping[str, Collection[Named]]) -> list[Finding]:
    """Whoever is gone, or unknown to Slack, with the places in which ``bongsu.yaml`` names them."""
    directory = Directory(client)
    missing = {one: await directory.is_missing(one) for one in named}
    untold = sum(told is None for told in missing.values())
    gone = [
        Finding(
            Level.WARNING,
            f"{one} is not in Slack any more, or never was",
            f"take them out of bongsu.yaml: {', '.join(map(_place, named[one]))}",
        )
        for one, told in missing.items()
        if told
    ]
    if untold:
        gone.append(Finding(Level.WARNING, f"{untold} people could not be looked up", "run doctor again"))
    return gone or ([Finding(Level.OK, "everybody whom bongsu.yaml names is in Slack")] if named else [])


async def check_following(client: AsyncWebClient, groups: Collection[str]) -> list[Finding]:
    """Whether Slack has each of these groups, by ``@handle`` or id."""
    mend = "create it in Slack, or correct user_group in bongsu.yaml: until then nobody is put into it"
    return await find_groups(client, groups, well="Slack has every user group that follows a schedule", mend=mend)


def _place(named: Named) -> str:
    told = f"route to {named.name}" if named.where is NamedIn.ROUTE else f"{named.where.value} {named.name}"
    return told if named.line is None else f"{told} (line {named.line})"
