"""All listeners of the app, in the order in which Bolt asks them."""

from slack_bolt.async_app import AsyncApp

from bot.desk import Desk
from bot.listeners import (
    buttons,
    errors,
    forms,
    home,
    inspecting,
    merging,
    more,
    slash,
    splitting,
    storms,
    unknown,
)


def register(app: AsyncApp, desk: Desk) -> None:
    for listeners in (home, slash, buttons, more, forms, storms, inspecting, merging, splitting, unknown, errors):
        listeners.register(app, desk)
