"""Where the bot token was read is remembered, so that it can be read again."""

from pathlib import Path

from bongsu.settings import read_settings


def test_a_token_in_a_file_names_its_file(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("xoxb-1\n")
    slack = read_settings({"SLACK_BOT_TOKEN_FILE": str(path)}).slack
    assert slack is not None
    assert (slack.bot_token, slack.bot_token_file) == ("xoxb-1", path)


def test_a_token_in_the_environment_has_none() -> None:
    slack = read_settings({"SLACK_BOT_TOKEN": "xoxb-1"}).slack
    assert slack is not None
    assert slack.bot_token_file is None
