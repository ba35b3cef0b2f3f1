from bot.settings import SlackSettings


def test_no_secret_shows_in_a_repr() -> None:
    shown = repr(SlackSettings("xoxb-bot", "signing", "xapp-app"))
    assert shown == "SlackSettings(api_url='https://slack.com/api/')"
