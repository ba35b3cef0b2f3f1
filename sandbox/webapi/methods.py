"""Every method that the sandbox knows, with the scopes it needs (any one of them)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.webapi import chat, connection, conversations, files, marks, oauth, people, views
from sandbox.webapi.arguments import Arguments
from sandbox.workspace import Workspace

Handler = Callable[[Arguments, Workspace], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Method:
    """`caller`: whose token it takes. `changes`: it alters what the page shows."""

    handler: Handler
    scopes: tuple[str, ...] = ()
    caller: Literal["bot", "app", "anyone"] = "bot"
    changes: bool = False


def _writes(handler: Handler, *scopes: str) -> Method:
    return Method(handler, scopes, changes=True)


def _reads(handler: Handler, *scopes: str) -> Method:
    return Method(handler, scopes)


_HISTORY = ("channels:history", "groups:history", "im:history")
_READ = ("channels:read", "groups:read", "im:read")

METHODS: dict[str, Method] = {
    "api.test": Method(connection.api_test, caller="anyone"),
    "auth.test": _reads(connection.auth_test),
    "oauth.v2.access": Method(oauth.access, caller="anyone"),
    "apps.connections.open": Method(connection.open_connection, caller="app"),
    "chat.postMessage": _writes(chat.post_message, "chat:write"),
    "chat.postEphemeral": _writes(chat.post_ephemeral, "chat:write"),
    "chat.update": _writes(chat.update, "chat:write"),
    "chat.delete": _writes(chat.delete, "chat:write"),
    "chat.getPermalink": _reads(chat.get_permalink),
    "conversations.history": _reads(conversations.history, *_HISTORY),
    "conversations.replies": _reads(conversations.replies, *_HISTORY),
    "conversations.list": _reads(conversations.list_channels, *_READ),
    "conversations.info": _reads(conversations.info, *_READ),
    "conversations.members": _reads(conversations.members, *_READ),
    "conversations.open": _writes(conversations.open_direct, "im:write"),
    "conversations.create": _writes(conversations.create, "channels:manage", "groups:write"),
    "conversations.join": _writes(conversations.join, "channels:join"),
    "conversations.invite": _writes(conversations.invite, "channels:manage", "groups:write"),
    "files.getUploadURLExternal": _reads(files.get_upload_url, "files:write"),
    "files.completeUploadExternal": _writes(files.complete_upload, "files:write"),
    "users.info": _reads(people.user_info, "users:read"),
    "users.list": _reads(people.list_users, "users:read"),
    "users.lookupByEmail": _reads(people.lookup_by_email, "users:read.email"),
    "usergroups.list": _reads(people.list_groups, "usergroups:read"),
    "usergroups.users.list": _reads(people.group_users, "usergroups:read"),
    "usergroups.users.update": _writes(people.update_group_users, "usergroups:write"),
    "views.open": _writes(views.open_view),
    "views.push": _writes(views.push),
    "views.update": _writes(views.update),
    "views.publish": _writes(views.publish),
    "reactions.add": _writes(marks.add_reaction, "reactions:write"),
    "pins.add": _writes(marks.add_pin, "pins:write"),
    "bookmarks.add": _writes(marks.add_bookmark, "bookmarks:write"),
}
