"""How to reach Slack."""

from dataclasses import dataclass, field

SLACK_API = "https://slack.com/api/"


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """``signing_secret`` lets ``/slack/events`` in, ``app_token`` (``xapp-…``) turns Socket Mode on; None: off.

    Secrets don't show in a repr.
    """

    bot_token: str = field(repr=False)
    signing_secret: str | None = field(default=None, repr=False)
    app_token: str | None = field(default=None, repr=False)
    api_url: str = SLACK_API
