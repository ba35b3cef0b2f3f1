"""All listeners of the app, in the order in which Bolt asks them."""

from slack_bolt.async_app import AsyncApp

from bot.desk import Desk
from bot.listeners import (
    add_to_incident,
    approving,
    buttons,
    care,
    declaring,
    errors,
    forms,
    home,
    inspecting,
    maintenance,
    merging,
    more,
    oncall,
    pages,
    slash,
    splitting,
    storms,
    threads,
    unknown,
)


def register(app: AsyncApp, desk: Desk) -> None:
    for listeners in (
        home,
        slash,
        buttons,
        care,
        more,
        forms,
        approving,
        storms,
        inspecting,
        pages,
        merging,
        splitting,
        declaring,
        oncall,
        maintenance,
        threads,
        add_to_incident,
        unknown,
        errors,
    ):
        listeners.register(app, desk)
