"""Whom can a reminder mention?"""

import re

_IN_SLACK = re.compile(r"[UW][A-Z0-9]+")


def mention(actor: str | None) -> str | None:
    """The Slack user id; None for nobody, and for keys, the command line and Bongsu itself."""
    return actor if actor is not None and _IN_SLACK.fullmatch(actor) else None
