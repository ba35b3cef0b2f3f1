"""Open modals and Home tabs."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.errors import SlackError
from sandbox.people import APP_ID, BOT_ID, TEAM_ID

# https://docs.slack.dev/surfaces/modals: "a view stack of up to three".
MOST_STACKED = 3


@dataclass(slots=True)
class View:
    """`given` is what the bot sent, with ids filled in; `errors` stand below its input blocks."""

    id: str
    user: str
    given: dict[str, Any]
    hash: str
    root_id: str
    previous_id: str | None = None
    chosen: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def blocks(self) -> list[dict[str, Any]]:
        blocks: list[dict[str, Any]] = self.given["blocks"]
        return blocks

    @property
    def external_id(self) -> str:
        return str(self.given.get("external_id", ""))

    def as_slack(self, state: dict[str, Any]) -> dict[str, Any]:
        """As interactions and views.* answers tell it."""
        return {
            "id": self.id,
            "team_id": TEAM_ID,
            "type": self.given["type"],
            "title": self.given.get("title"),
            "submit": self.given.get("submit"),
            "close": self.given.get("close"),
            "blocks": self.blocks,
            "private_metadata": self.given.get("private_metadata", ""),
            "callback_id": self.given.get("callback_id", ""),
            "external_id": self.external_id,
            "state": {"values": state},
            "hash": self.hash,
            "clear_on_close": self.given.get("clear_on_close", False),
            "notify_on_close": self.given.get("notify_on_close", False),
            "submit_disabled": self.given.get("submit_disabled", False),
            "previous_view_id": self.previous_id,
            "root_view_id": self.root_id,
            "app_id": APP_ID,
            "app_installed_team_id": TEAM_ID,
            "bot_id": BOT_ID,
        }


class Views:
    """Per person: a stack of modals, the top one last, and a Home tab."""

    def __init__(self) -> None:
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}

    def stack(self, user: str) -> list[View]:
        return self._stacks.setdefault(user, [])

    def home(self, user: str) -> View | None:
        return self._homes.get(user)

    def set_home(self, view: View) -> None:
        self._homes[view.user] = view

    def find(self, view_id: str) -> View | None:
        return next((view for view in self._all() if view.id == view_id), None)

    def find_external(self, external_id: str) -> View | None:
        return next((view for view in self._all() if view.external_id == external_id), None)

    def open(self, view: View) -> None:
        self._stacks[view.user] = [view]

    def push(self, view: View) -> None:
        stack = self.stack(view.user)
        if len(stack) >= MOST_STACKED:
            raise SlackError("push_limit_reached")
        view.root_id, view.previous_id = stack[0].id, stack[-1].id
        stack.append(view)

    def close(self, view: View) -> None:
        """Closes it and whatever was opened on top of it."""
        stack = self.stack(view.user)
        if view in stack:
            del stack[stack.index(view) :]

    def clear(self, user: str) -> None:
        self._stacks[user] = []

    def _all(self) -> list[View]:
        return [*self._homes.values(), *(view for stack in self._stacks.values() for view in stack)]
