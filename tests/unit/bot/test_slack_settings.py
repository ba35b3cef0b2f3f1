from bot.settings import SlackSettings


def test_no_secret_shows_in_a_repr() -> None:
    shown = repr(SlackSettings("xoxb-bot", "signing", "xapp-app", client_secret="client-secret"))
    assert shown == "SlackSettings(api_url='https://slack.com/api/', client_id=None, public_url='')"
