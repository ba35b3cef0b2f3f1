import gzip
from dataclasses import replace
from typing import Any

import pytest

from base.codec import CodecError
from incidents.deliveries import DeliveryStatus, KeptDelivery
from incidents.model import RejectedDelivery
from incidents.redaction import Redaction, redacted_refusal
from receiver.body import KEPT_OF_REFUSED
from receiver.errors import BodyBroken, UnknownEncoding, UnknownSource, WrongShape
from receiver.replay import OnlyItsStart, Withheld, is_cut, is_withheld, read_again, readable
from tests.building import T0
from tests.unit.receiver.bodies import one

LIMIT = 5 * 1024 * 1024


def kept(raw: bytes = one(), *, source: str = "grafana", headers: dict[str, str] | None = None, **more: Any) -> Any:
    status = DeliveryStatus.REJECTED
    return KeptDelivery(7, T0, source, "r" * 32, status, None, "wrong", headers or {}, "a" * 64, None, raw, **more)


def test_a_body_is_read_as_it_was_sent_with_the_labels_of_its_url() -> None:
    headers = {"User-Agent": "Grafana"}
    delivery = read_again(kept(headers=headers, default_labels={"cluster": "prod-a"}), limit=LIMIT)
    assert [alert.alert_name for alert in delivery.alerts] == ["Checkout 5xx"]
    assert (delivery.source, delivery.headers, delivery.default_labels) == ("grafana", headers, {"cluster": "prod-a"})
    assert delivery.body_sha256 == "a" * 64


def test_each_reading_is_a_request_of_its_own() -> None:
    first, second = (read_again(kept(), limit=LIMIT).request_id for _ in range(2))
    assert first != second != "r" * 32


@pytest.mark.parametrize("name", ["Content-Encoding", "content-encoding"])
def test_what_was_packed_is_unpacked(name: str) -> None:
    packed = kept(gzip.compress(one()), headers={name: "gzip"})
    assert len(read_again(packed, limit=LIMIT).alerts) == 1
    assert readable(packed, limit=LIMIT) == one()


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (kept(b"{"), CodecError),
        (kept(b"[]"), WrongShape),
        (kept(one(), source="nagios"), UnknownSource),
        (kept(one(), headers={"Content-Encoding": "br"}), UnknownEncoding),
        (kept(one(), headers={"Content-Encoding": "gzip"}), BodyBroken),
        (kept(b" " * KEPT_OF_REFUSED), OnlyItsStart),
        (kept(one(), headers={"Content-Length": "6000000"}), OnlyItsStart),
    ],
)
def test_what_is_still_wrong_is_refused_for_the_same_reasons(refused: KeptDelivery, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_again(refused, limit=LIMIT)
    assert readable(refused, limit=LIMIT) == refused.raw_body


def test_a_body_that_was_not_kept_because_of_redact_is_not_taken_for_a_start() -> None:
    rules = [Redaction(label="token")]
    for headers in ({"Content-Length": "1"}, {}):
        told = redacted_refusal(RejectedDelivery("grafana", "r", "a" * 64, headers, "no JSON", b"{"), rules)
        refused = replace(kept(told.raw_body, headers=headers), error=told.error)
        assert (is_withheld(refused), is_cut(refused)) == (True, False)
        with pytest.raises(Withheld, match="not kept because of `redact:`"):
            read_again(refused, limit=LIMIT)
    assert not is_withheld(kept(b"", headers={"Content-Length": "5"}))


def test_a_whole_body_is_not_taken_for_a_start() -> None:
    assert not is_cut(kept(b" " * KEPT_OF_REFUSED, headers={"Content-Length": str(KEPT_OF_REFUSED)}))
    assert not is_cut(kept(b"", headers={"Content-Length": "what"}))
