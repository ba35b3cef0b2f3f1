"""What must be set so that further workspaces can be connected."""

from pathlib import Path

import pytest

from bongsu.settings import read_settings
from bot.settings import SlackSettings
from incidents.errors import InvalidInput

TOKEN = {"SLACK_BOT_TOKEN": "xoxb-x"}


def slack(**environ: str) -> SlackSettings:
    told = read_settings({**TOKEN, **environ}).slack
    assert told is not None
    return told


def test_a_single_team_sets_nothing() -> None:
    assert not slack().has_installs


def test_both_halves_are_needed_and_the_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden\n", "utf-8")
    told = slack(
        SLACK_CLIENT_ID="1.2", SLACK_CLIENT_SECRET_FILE=str(secret), BONGSU_PUBLIC_URL="https://bongsu.example.com/"
    )
    assert told.has_installs
    assert (told.client_secret, told.public_url) == ("hidden", "https://bongsu.example.com")
    assert "hidden" not in repr(told)


@pytest.mark.parametrize(
    ("environ", "field", "words"),
    [
        ({"SLACK_CLIENT_ID": "1.2"}, "SLACK_CLIENT_SECRET", "write both"),
        ({"SLACK_CLIENT_SECRET": "s"}, "SLACK_CLIENT_ID", "write both"),
        ({"SLACK_CLIENT_ID": "A0BONGSU", "SLACK_CLIENT_SECRET": "s"}, "SLACK_CLIENT_ID", "such as 1234567890."),
        ({"BONGSU_PUBLIC_URL": "bongsu.example.com"}, "BONGSU_PUBLIC_URL", "https://bongsu.example.com"),
    ],
)
def test_what_is_missing_or_wrong_is_named(environ: dict[str, str], field: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as refused:
        slack(**environ)
    assert refused.value.field == field
