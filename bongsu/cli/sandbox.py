"""``bongsu sandbox``: a small Slack workspace on this machine."""

import argparse
import asyncio
from typing import Any

from sandbox.app import create_app
from sandbox.server import serve


def add_to(commands: Any) -> None:
    parser = commands.add_parser("sandbox", help="a small Slack workspace on this machine, to try things on")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--app-url", default="http://127.0.0.1:8080", help="where Bongsu listens")
    parser.add_argument("--signing-secret", required=True, help="the same as SLACK_SIGNING_SECRET of Bongsu")
    parser.add_argument("--bot-token", help="accept only this one (default: any xoxb-…)")
    parser.add_argument("--pace-posts", action="store_true", help="refuse more than one post per second and channel")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Raises SandboxError where the port is taken or the app is not on this machine."""
    app = create_app(
        app_url=given.app_url,
        signing_secret=given.signing_secret,
        bot_token=given.bot_token,
        pace_posts=given.pace_posts,
        public_url=f"http://{given.host}:{given.port}",
    )
    asyncio.run(serve(app, host=given.host, port=given.port))
    return 0
