"""The Slack app's manifest: what Slack would refuse, and what we would rather not ask for."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from bongsu.tenants.installing import SCOPES as INSTALLED

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "slack_app_manifest.yml"
GUIDE = ROOT / "docs" / "slack-app.md"
SCOPES = {
    "chat:write",
    "chat:write.public",
    "commands",
    "channels:history",
    "groups:history",
    "channels:read",
    "channels:join",
    "files:write",
    "groups:read",
    "users:read",
    "usergroups:read",
    "usergroups:write",
    "reactions:read",
}
EVENTS = {
    "app_home_opened", "user_change", "subteam_created", "subteam_updated", "subteam_members_changed",
    "message.channels", "message.groups", "reaction_added", "reaction_removed", "app_uninstalled", "tokens_revoked",
}  # fmt: skip


def text(shortest: int, longest: int, **more: Any) -> dict[str, Any]:
    return {"type": "string", "minLength": shortest, "maxLength": longest, **more}


def part(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


URL = text(9, 3000, pattern="^https://")
YES_OR_NO = {"type": "boolean"}
# The part of Slack's rules that concerns us: https://docs.slack.dev/reference/app-manifest
RULES = part(
    ["display_information", "features", "oauth_config", "settings"],
    display_information=part(
        ["name", "description"],
        name=text(1, 35),
        description=text(1, 140),
        long_description=text(175, 4000),
        background_color=text(4, 7, pattern="^#([0-9a-fA-F]{3}){1,2}$"),
    ),
    features=part(
        ["bot_user", "slash_commands"],
        bot_user=part(["display_name"], display_name=text(1, 80), always_online=YES_OR_NO),
        app_home=part([], home_tab_enabled=YES_OR_NO, messages_tab_enabled=YES_OR_NO),
        shortcuts={
            "type": "array",
            "maxItems": 10,
            "items": part(
                ["name", "type", "callback_id", "description"],
                name=text(1, 24),
                type={"enum": ["message", "global"]},
                callback_id=text(1, 255),
                description=text(1, 150),
            ),
        },
        slash_commands={
            "type": "array",
            "minItems": 1,
            "maxItems": 50,
            "items": part(
                ["command", "url", "description", "should_escape"],
                command=text(2, 32, pattern="^/"),
                url=URL,
                description=text(1, 2000),
                usage_hint=text(1, 1000),
                should_escape=YES_OR_NO,
            ),
        },
    ),
    oauth_config=part(
        ["scopes"],
        scopes=part(["bot"], bot={"type": "array", "uniqueItems": True, "items": text(1, 50)}),
    ),
    settings=part(
        ["interactivity", "socket_mode_enabled"],
        interactivity=part(
            ["is_enabled", "request_url"], is_enabled=YES_OR_NO, request_url=URL, message_menu_options_url=URL
        ),
        event_subscriptions=part(
            ["request_url", "bot_events"],
            request_url=URL,
            bot_events={"type": "array", "uniqueItems": True, "maxItems": 100, "items": text(1, 100)},
        ),
        socket_mode_enabled=YES_OR_NO,
        org_deploy_enabled=YES_OR_NO,
        token_rotation_enabled=YES_OR_NO,
    ),
)
# Slack's own schema (slackapi/manifest-schema, v2) is used too where it lies beside the checkout.
OFFICIAL = ROOT.parent / "shared" / "schemas" / "slack-manifest-v2.schema.json"
SCHEMAS = {"ours": RULES} | ({"official": json.loads(OFFICIAL.read_text())} if OFFICIAL.exists() else {})


@pytest.fixture
def manifest() -> Any:
    return yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS.keys())
def test_slack_takes_the_manifest(manifest: Any, schema: dict[str, Any]) -> None:
    assert not [error.message for error in Draft202012Validator(schema).iter_errors(manifest)]


def test_it_asks_for_these_scopes_and_no_other(manifest: Any) -> None:
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == SCOPES


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_each_scope_has_its_reason(scope: str) -> None:
    assert re.search(rf"^ *- {re.escape(scope)} +# \w+", MANIFEST.read_text(encoding="utf-8"), re.MULTILINE)
    assert re.search(rf"^\| `{re.escape(scope)}` \| .+ \|$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)


def test_a_workspace_that_is_connected_by_oauth_is_asked_for_the_same() -> None:
    assert set(INSTALLED) == SCOPES


def test_it_hears_of_these_events_and_no_other(manifest: Any) -> None:
    assert set(manifest["settings"]["event_subscriptions"]["bot_events"]) == EVENTS


def test_the_home_tab_is_on_and_slack_tells_of_who_opens_it(manifest: Any) -> None:
    assert manifest["features"]["app_home"]["home_tab_enabled"]
    assert "app_home_opened" in manifest["settings"]["event_subscriptions"]["bot_events"]


def test_it_subscribes_to_these_events_and_no_other(manifest: Any) -> None:
    assert set(manifest["settings"]["event_subscriptions"]["bot_events"]) == EVENTS


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_each_event_has_its_reason(event: str) -> None:
    assert re.search(rf"^ *- {re.escape(event)} +# \w+", MANIFEST.read_text(encoding="utf-8"), re.MULTILINE)
    assert re.search(rf"^\| `{re.escape(event)}` \| .+ \|$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)


def test_everything_from_slack_arrives_at_one_address(manifest: Any) -> None:
    commands = manifest["features"]["slash_commands"]
    settings = manifest["settings"]
    interactivity = settings["interactivity"]
    searches = interactivity["message_menu_options_url"]
    ours = (interactivity["request_url"], searches, settings["event_subscriptions"]["request_url"])
    urls = {*ours, *(command["url"] for command in commands)}
    assert urls == {"https://bongsu.example.com/slack/events"}


def test_people_named_in_a_command_arrive_as_ids(manifest: Any) -> None:
    assert [command["command"] for command in manifest["features"]["slash_commands"]] == ["/incident"]
    assert all(command["should_escape"] for command in manifest["features"]["slash_commands"])


@pytest.mark.parametrize("variable", ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"])
def test_the_guide_says_where_each_token_goes(variable: str) -> None:
    assert f"| `{variable}` |" in GUIDE.read_text(encoding="utf-8")
