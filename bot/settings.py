"""How to reach Slack."""

from dataclasses import dataclass, field
from pathlib import Path

SLACK_API = "https://slack.com/api/"


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """``signing_secret`` lets ``/slack/events`` in, ``app_token`` (``xapp-…``) turns Socket Mode on; None: off.

    ``bot_token_file`` is where the token was read, and is read again when Slack refuses it; None: nowhere.
    ``client_id`` and ``client_secret`` let other organisations install the app into their workspaces; None: none can.
    ``public_url`` is where browsers reach us, without a slash at its end, "": nobody has said so.
    Secrets don't show in a repr.
    """

    bot_token: str = field(repr=False)
    signing_secret: str | None = field(default=None, repr=False)
    app_token: str | None = field(default=None, repr=False)
    api_url: str = SLACK_API
    bot_token_file: Path | None = field(default=None, repr=False)
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    public_url: str = ""

    @property
    def has_installs(self) -> bool:
        """Whether more workspaces than the bot token's can be connected."""
        return self.client_id is not None and self.client_secret is not None
