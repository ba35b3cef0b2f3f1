"""How to reach Slack."""

from dataclasses import dataclass, field
from pathlib import Path

SLACK_API = "https://slack.com/api/"


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """``signing_secret`` lets ``/slack/events`` in, ``app_token`` (``xapp-…``) turns Socket Mode on; None: off.

    ``bot_token_file`` is where the token was read, and is read again when Slack refuses it; None: nowhere.
    Secrets don't show in a repr.
    """

    bot_token: str = field(repr=False)
    signing_secret: str | None = field(default=None, repr=False)
    app_token: str | None = field(default=None, repr=False)
    api_url: str = SLACK_API
    bot_token_file: Path | None = field(default=None, repr=False)
