"""The workspace: everything that a reset throws away."""

from collections.abc import Mapping
from typing import Any

from sandbox.channels import Channel, first_channels
from sandbox.files import Uploads
from sandbox.ids import Ids
from sandbox.messages import Content, Message, Messages
from sandbox.people import BOT_USER_ID, FIRST_TEAM, Team, User, first_groups, first_users
from sandbox.response_urls import ResponseUrls
from sandbox.settings import Settings
from sandbox.triggers import Triggers
from sandbox.views import Views


class Workspace:
    """Holds state and answers questions about it; what Slack allows is decided by those who change it."""

    def __init__(self, settings: Settings, ids: Ids) -> None:
        timing = settings.timing
        self.settings = settings
        self.ids = ids
        self.now = timing.now
        self.users = first_users()
        self.groups = first_groups()
        self.channels = first_channels()
        self.messages = Messages()
        self.uploads = Uploads()
        self.views = Views()
        self.triggers = Triggers(timing.now, timing.trigger_lives, ids.secret)
        self.response_urls = ResponseUrls(settings.public_url, timing.now, timing.response_url_lives, ids.secret)
        self.suggested: dict[str, dict[str, Mapping[str, Any]]] = {}
        self.socket_tickets: set[str] = set()
        self.pace_posts = settings.pace_posts
        self.token_works = True
        self.oauth_codes: dict[str, Team] = {}
        self.teams: dict[str, Team] = {}
        self.token = ""

    @property
    def team(self) -> Team:
        """Whose token the present call has: one that OAuth gave out is known, all others are the first team's."""
        return self.teams.get(self.token, FIRST_TEAM)

    def channel_named(self, name: str) -> Channel | None:
        """By id, `#name` or `name`."""
        wanted = name.removeprefix("#")
        return self.channels.get(name) or next((c for c in self.channels.values() if c.name == wanted), None)

    def user_named(self, name: str) -> User | None:
        """By id, `@name` or `name`."""
        wanted = name.removeprefix("@")
        return self.users.get(name) or next((u for u in self.users.values() if u.name == wanted), None)

    def direct_messages(self, user: str) -> Channel:
        """The bot's direct messages with that person, opened when need be."""
        for channel in self.channels.values():
            if channel.dm_with == user:
                return channel
        opened = Channel(self.ids.new("D"), self.users[user].name, [user, BOT_USER_ID], dm_with=user)
        self.channels[opened.id] = opened
        return opened

    def post(
        self,
        channel: Channel,
        content: Content,
        *,
        user: str = BOT_USER_ID,
        thread_ts: str | None = None,
        broadcast: bool = False,
        visible_to: str | None = None,
    ) -> Message:
        ts = self.ids.timestamp()
        message = Message(channel.id, ts, user, self.with_ids(content), thread_ts, broadcast, visible_to)
        self.messages.add(message)
        return message

    def with_ids(self, content: Content) -> Content:
        """As Slack stores it: every block, element and attachment that came without an id has one."""
        attachments = [
            {**attachment, "id": number, "blocks": self.blocks_with_ids(attachment["blocks"])}
            if "blocks" in attachment
            else {**attachment, "id": number}
            for number, attachment in enumerate(content.attachments, start=1)
        ]
        return Content(content.text, self.blocks_with_ids(content.blocks), attachments, content.metadata)

    def blocks_with_ids(self, blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [self._block_with_ids(block) for block in blocks]

    def _block_with_ids(self, block: dict[str, Any]) -> dict[str, Any]:
        stored = {**block, "block_id": block.get("block_id") or self.ids.block()}
        for name in ("accessory", "element"):
            if isinstance(stored.get(name), Mapping):
                stored[name] = self._element_with_id(stored[name])
        if stored["type"] == "actions":
            stored["elements"] = [self._element_with_id(element) for element in stored["elements"]]
        return stored

    def _element_with_id(self, element: dict[str, Any]) -> dict[str, Any]:
        if element["type"] == "image" or element.get("action_id"):
            return element
        return {**element, "action_id": self.ids.block()}
