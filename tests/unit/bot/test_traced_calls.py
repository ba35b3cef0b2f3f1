"""A call to Slack is called by its method; of any other address nothing is told, since it may be a secret."""

import pytest
from yarl import URL

from bot.traced_calls import code_of, method_of, traced_calls


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://slack.com/api/chat.postMessage", "chat.postMessage"),
        ("http://127.0.0.1:9000/api/conversations.history?channel=C1", "conversations.history"),
        ("https://slack.com/api/admin.users.session.reset", "admin.users.session.reset"),
        ("https://hooks.slack.com/actions/T0/1/secret", "slack"),
        ("https://hooks.slack.com/api/secret", "slack"),
        ("https://files.slack.com/upload/v1/ABC.def", "slack"),
        ("https://slack.com/api/auth.test/secret", "slack"),
        ("https://slack.com/", "slack"),
    ],
)
def test_only_methods_are_named(url: str, name: str) -> None:
    assert method_of(URL(url)) == name


@pytest.mark.parametrize(
    ("told", "code"),
    [("channel_not_found", "channel_not_found"), ("<@U0ALICE> said", "other"), (None, "other"), ("x" * 65, "other")],
)
def test_only_codes_are_repeated(told: object, code: str) -> None:
    assert code_of(told) == code


def test_where_nothing_is_traced_no_call_is_listened_to() -> None:
    assert traced_calls() == []
