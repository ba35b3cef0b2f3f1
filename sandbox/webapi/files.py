"""files.getUploadURLExternal, files.completeUploadExternal.

Source: https://docs.slack.dev/reference/methods/files.getUploadURLExternal and files.completeUploadExternal
"""

import json
from typing import Any

from sandbox.channels import Channel
from sandbox.errors import SlackError
from sandbox.files import Upload
from sandbox.messages import Content
from sandbox.webapi.arguments import Arguments, invalid_arguments
from sandbox.webapi.reach import channel_by_id
from sandbox.workspace import Workspace

MOST_ALT_TEXT = 1000
MOST_BYTES = 2**30
MOST_SNIPPET_BYTES = 2**20


def get_upload_url(args: Arguments, slack: Workspace) -> dict[str, Any]:
    """The address takes the bytes once."""
    name, length = args.required("filename"), args.number("length", 0)
    if length <= 0:
        raise SlackError("missing_argument")
    if length > MOST_BYTES:
        raise SlackError("file_upload_size_restricted")
    if args.has("snippet_type") and length > MOST_SNIPPET_BYTES:
        raise SlackError("snippet_too_large")
    if len(args.text("alt_txt")) > MOST_ALT_TEXT:
        raise SlackError("alt_txt_too_large")
    upload = Upload(slack.ids.new("F"), slack.ids.secret(), name, length, args.text("alt_txt"))
    slack.uploads.add(upload)
    return {"upload_url": f"{slack.settings.public_url}/upload/{upload.key}", "file_id": upload.id}


def complete_upload(args: Arguments, slack: Workspace) -> dict[str, Any]:
    """Without a channel they are nobody else's. The bot must be a member: `chat:write.public` is of no use here."""
    uploads = [_finished(told, slack) for told in _listed(args)]
    channel = _channel(args, slack)
    thread_ts = _thread(args, channel, slack)
    for upload in uploads:
        upload.is_complete = True
    told = [upload.as_slack(slack.settings.public_url) for upload in uploads]
    if channel is not None:
        content = Content(args.text("initial_comment"), [], [])
        slack.post(channel, content, thread_ts=thread_ts).files.extend(told)
    return {"files": told}


def _listed(args: Arguments) -> list[dict[str, Any]]:
    given = args.given.get("files")
    try:
        files = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        raise invalid_arguments("[ERROR] files must be JSON") from None
    if not isinstance(files, list) or not files or not all(isinstance(one, dict) and one.get("id") for one in files):
        raise invalid_arguments("[ERROR] missing required field: files")
    return files


def _finished(told: dict[str, Any], slack: Workspace) -> Upload:
    """Each can be completed once, and not before all of its bytes are there."""
    upload = slack.uploads.get(str(told["id"]))
    if upload is None or upload.content is None or upload.is_complete:
        raise SlackError("file_not_found")
    upload.title = str(told.get("title") or upload.name)
    return upload


def _channel(args: Arguments, slack: Workspace) -> Channel | None:
    """An id and no name, as for most methods."""
    channels = [args.text("channel_id"), *args.words("channels")]
    named = [one for one in channels if one]
    if not named:
        return None
    if len(named) > 1:
        raise invalid_arguments("[ERROR] the sandbox shares a file in one channel")
    channel = channel_by_id(Arguments({"channel": named[0]}), slack)
    if channel.is_archived:
        raise SlackError("is_archived")
    if not channel.bot_is_member:
        raise SlackError("not_in_channel")
    return channel


def _thread(args: Arguments, channel: Channel | None, slack: Workspace) -> str | None:
    if channel is None or not args.has("thread_ts"):
        return None
    parent = slack.messages.find(channel.id, args.text("thread_ts"))
    if parent is None or (parent.deleted and not slack.messages.replies(parent)):
        raise SlackError("thread_not_found")
    if parent.is_reply:
        raise invalid_arguments("[ERROR] thread_ts is a reply's: use its parent's")
    return parent.ts
