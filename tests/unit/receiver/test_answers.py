"""One table from exceptions to statuses."""

import pytest

from base.codec import CodecError, TooDeep
from incidents.errors import BongsuError, Unavailable
from receiver import errors
from receiver.answers import REFUSALS, refusal, status_of


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (CodecError("x"), 400),
        (errors.BodyBroken("x"), 400),
        (errors.Unauthorised("x"), 401),
        (errors.UnknownSource("x", ["grafana"]), 404),
        (errors.NotSupportedYet("datadog", ["grafana"]), 404),
        (errors.BodyTooLate(15), 408),
        (errors.BodyTooLarge(5), 413),
        (errors.UnknownEncoding("br"), 415),
        (errors.WrongShape("alerts", "x"), 422),
        (TooDeep(), 422),
        (errors.TooMuchHeld(), 503),
        (Unavailable(), 503),
    ],
)
def test_each_refusal_has_its_status(error: Exception, status: int) -> None:
    assert status_of(error) == status
    assert refusal(error).status == status


def test_every_error_of_this_room_is_in_the_table() -> None:
    ours = [kind for kind in vars(errors).values() if isinstance(kind, type) and kind.__module__ == errors.__name__]
    assert [kind for kind in ours if not kind.__subclasses__() and not issubclass(kind, REFUSALS)] == []


def test_what_the_domain_forgot_to_catch_is_no_refusal() -> None:
    assert not issubclass(BongsuError, REFUSALS)


def test_only_what_may_pass_by_itself_says_when_to_try_again() -> None:
    assert refusal(Unavailable()).headers["Retry-After"] == "5"
    assert "Retry-After" not in refusal(CodecError("x")).headers
