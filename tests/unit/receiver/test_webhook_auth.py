"""Who is let in. Vectors: grafana/alerting, http/hmac_test.go."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from incidents.access.model import ApiKey, KeyRole, digest_of
from receiver.api.errors import OutOfScope
from receiver.auth import Credential, Way, authenticate, authenticate_early, offered_key, signature
from receiver.errors import Unauthorised
from receiver.settings import ReceiverSettings

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
BODY = b"test message"
SIGNED = "3bcebf43c85d20bba6e3b6ba278af1d2ba3ab0d57de271b0ad30b833e851c5a6"
HMAC_HEADER = "X-Grafana-Alerting-Signature"

TOKEN = ReceiverSettings(webhook_token="s3same")
BASIC = ReceiverSettings(webhook_basic=("grafana", "pa:ss"))
HMAC = ReceiverSettings(grafana_hmac_secret="secret")
CLOCKED = ReceiverSettings(grafana_hmac_secret="secret", grafana_hmac_timestamp_header="X-Grafana-Timestamp")
ALL = ReceiverSettings(webhook_token="s3same", webhook_basic=("grafana", "pa:ss"), grafana_hmac_secret="secret")

GOOD_BEARER = {"Authorization": "Bearer s3same"}
GOOD_SIGNATURE = {HMAC_HEADER: SIGNED}


def basic(credentials: bytes) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(credentials).decode()}"}


def enter(settings: ReceiverSettings, headers: Mapping[str, str], body: bytes = BODY, **more: Any) -> Credential:
    return authenticate(headers, body, **{"settings": settings, "source": "grafana", "now": NOW, **more})


def refusal(settings: ReceiverSettings, headers: Mapping[str, str], body: bytes = BODY, **more: Any) -> Unauthorised:
    with pytest.raises(Unauthorised) as refused:
        enter(settings, headers, body, **more)
    return refused.value


def at(seconds: int) -> dict[str, str]:
    """Headers of a body that was signed so many seconds after NOW."""
    stamp = str(int(NOW.timestamp()) + seconds)
    return {"X-Grafana-Timestamp": stamp, HMAC_HEADER: signature("secret", BODY, timestamp=stamp)}


def test_grafanas_own_vectors_are_met() -> None:
    assert signature("secret", BODY) == SIGNED
    with_clock = "ac18a483a582b60a883e974541afe25aa1026136163e94665649743324183ef1"
    assert signature("secret", BODY, timestamp="0") == with_clock


@pytest.mark.parametrize(
    ("settings", "headers", "way"),
    [
        (TOKEN, GOOD_BEARER, Way.BEARER),
        (TOKEN, {"authorization": "bEaReR   s3same "}, Way.BEARER),
        (BASIC, basic(b"grafana:pa:ss"), Way.BASIC),
        (HMAC, GOOD_SIGNATURE, Way.HMAC),
        (HMAC, {HMAC_HEADER.lower(): SIGNED.upper()}, Way.HMAC),
        (CLOCKED, at(0), Way.HMAC),
        (ALL, GOOD_BEARER, Way.BEARER),
        (ALL, basic(b"grafana:pa:ss"), Way.BASIC),
        (ALL, GOOD_SIGNATURE, Way.HMAC),
        (ALL, {**GOOD_BEARER, **GOOD_SIGNATURE}, Way.HMAC),
        (HMAC, {**GOOD_SIGNATURE, "Authorization": "Bearer of another proxy"}, Way.HMAC),
        (TOKEN, {**GOOD_BEARER, HMAC_HEADER: "not asked for"}, Way.BEARER),
    ],
)
def test_any_one_valid_credential_that_is_configured_opens_the_door(
    settings: ReceiverSettings, headers: dict[str, str], way: Way
) -> None:
    assert enter(settings, headers) == Credential(way, "grafana")


@pytest.mark.parametrize(
    ("settings", "headers", "reason"),
    [
        (TOKEN, {}, "missing credential"),
        (HMAC, {}, "missing credential"),
        (TOKEN, {"Authorization": "Bearer wrong"}, "wrong token"),
        (TOKEN, {"Authorization": "Bearer"}, "wrong token"),
        (TOKEN, {"Authorization": "Bearer s3sam\udce9"}, "wrong token"),
        (TOKEN, {"Authorization": "Bearer 봉수"}, "wrong token"),
        (TOKEN, {"Authorization": "s3same"}, "of a kind that is not configured"),
        (TOKEN, basic(b"grafana:pa:ss"), "of a kind that is not configured"),
        (BASIC, basic(b"grafana:wrong"), "wrong user or password"),
        (BASIC, basic(b"\xff\xfe"), "wrong user or password"),
        (BASIC, {"Authorization": "Basic !!!"}, "not base64"),
        (BASIC, {"Authorization": "Basic \udce9"}, "not base64"),
        (HMAC, {HMAC_HEADER: "0" * 64}, "wrong signature"),
        (HMAC, {HMAC_HEADER: ""}, "wrong signature"),
        (HMAC, {HMAC_HEADER: "\udce9" * 64}, "wrong signature"),
        (HMAC, {HMAC_HEADER: f"sha256={SIGNED}"}, "wrong signature"),
        (ALL, {**GOOD_BEARER, HMAC_HEADER: "0" * 64}, "wrong signature"),
        (ALL, {**GOOD_SIGNATURE, "Authorization": "Bearer wrong"}, "wrong token"),
        (TOKEN, {**GOOD_BEARER, "AUTHORIZATION": "Bearer wrong"}, "sent 2 times"),
    ],
)
def test_a_missing_or_wrong_credential_keeps_it_shut_even_beside_a_valid_one(
    settings: ReceiverSettings, headers: dict[str, str], reason: str
) -> None:
    assert reason in refusal(settings, headers).reason


def test_a_signature_covers_every_byte_of_the_body() -> None:
    assert refusal(HMAC, GOOD_SIGNATURE, BODY + b" ").reason == "wrong signature"


@pytest.mark.parametrize("seconds", [-900, -600, 600, 900])
def test_a_clock_that_is_ten_minutes_off_still_gets_in(seconds: int) -> None:
    assert enter(CLOCKED, at(seconds)).way is Way.HMAC


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        (at(-901), "901 s behind this clock, 900 s are allowed"),
        (at(901), "901 s ahead of this clock"),
        ({HMAC_HEADER: SIGNED}, "X-Grafana-Timestamp is missing"),
        ({**at(0), "X-Grafana-Timestamp": "now"}, "not a whole number"),
        ({**at(0), "X-Grafana-Timestamp": "-5"}, "not a whole number"),
        ({**at(0), "X-Grafana-Timestamp": "9" * 40}, "not a whole number"),
        ({**at(0), "X-Grafana-Timestamp": "\u0661"}, "not a whole number"),
        ({**at(0), "X-Grafana-Timestamp": at(1)["X-Grafana-Timestamp"]}, "wrong signature"),
    ],
)
def test_a_timestamp_must_be_there_signed_and_near(headers: dict[str, str], reason: str) -> None:
    assert reason in refusal(CLOCKED, headers).reason


def test_only_grafana_signs() -> None:
    refused = str(refusal(HMAC, GOOD_SIGNATURE, source="datadog"))
    assert refused.startswith("missing credential; accepted here: an API key of the role ingest")


def test_with_nothing_configured_only_an_explicit_setting_lets_anybody_in() -> None:
    assert enter(ReceiverSettings(anonymous=True), {}).way is Way.ANONYMOUS
    assert refusal(ReceiverSettings(), {}).reason == "missing credential"


def test_anonymous_does_not_open_a_door_that_has_a_lock() -> None:
    assert refusal(ReceiverSettings(anonymous=True, webhook_token="s3same"), {}).reason == "missing credential"


def test_the_refusal_names_the_ways_but_no_secret() -> None:
    refused = refusal(ALL, {"Authorization": "Bearer tried-this"})
    for way in ("bearer token", "basic authentication", "Grafana HMAC signature"):
        assert way in str(refused)
    for secret in ("s3same", "pa:ss", "secret", "tried-this"):
        assert secret not in str(refused)
    assert [challenge.split()[0] for challenge in refused.challenges] == ["Bearer", "Basic", "Grafana-HMAC-SHA256"]


def test_settings_never_show_their_secrets() -> None:
    for secret in ("s3same", "pa:ss", "secret="):
        assert secret not in repr(ALL)


def early(settings: ReceiverSettings, headers: Mapping[str, str]) -> Credential | None:
    return authenticate_early(headers, settings=settings, source="grafana", now=NOW)


def test_what_no_body_could_make_valid_is_refused_before_the_body_is_read() -> None:
    wrong: list[dict[str, str]] = [{}, {"Authorization": "Bearer wrong"}, {HMAC_HEADER: "short"}]
    for headers in wrong:
        with pytest.raises(Unauthorised):
            early(ALL, headers)


def test_only_the_body_can_prove_a_signature() -> None:
    assert early(ALL, GOOD_BEARER) == Credential(Way.BEARER, "grafana")
    assert early(ALL, {HMAC_HEADER: "0" * 64}) is None
    assert early(ALL, {**GOOD_BEARER, HMAC_HEADER: "0" * 64}) is None


# API keys

NOTHING = ReceiverSettings()
ANONYMOUS = ReceiverSettings(anonymous=True)
SECRET = "bongsu_" + "aB3-_" * 8 + "xyz"
KEY = ApiKey(7, 2, "grafana", KeyRole.INGEST, digest_of(SECRET), SECRET[-4:], NOW, "cli")
AS_BEARER = {"Authorization": f"Bearer {SECRET}"}


@pytest.mark.parametrize("settings", [NOTHING, TOKEN, BASIC, HMAC, ALL, ANONYMOUS])
@pytest.mark.parametrize(
    "headers",
    [
        AS_BEARER,
        {"authorization": f"BEARER  {SECRET} "},
        basic(f"grafana:{SECRET}".encode()),
        basic(f":{SECRET}".encode()),
    ],
)
def test_an_ingest_key_opens_every_door_as_token_or_as_password(
    settings: ReceiverSettings, headers: dict[str, str]
) -> None:
    assert offered_key(headers, settings=settings) == SECRET
    assert enter(settings, headers, key=KEY) == Credential(Way.KEY, "grafana", KEY)
    told = authenticate_early(headers, settings=settings, source="grafana", now=NOW, key=KEY)
    assert told == Credential(Way.KEY, "grafana", KEY)


def test_beside_a_signature_the_key_still_says_whose_it_is() -> None:
    assert enter(HMAC, {**AS_BEARER, **GOOD_SIGNATURE}, key=KEY) == Credential(Way.HMAC, "grafana", KEY)
    assert refusal(HMAC, {**AS_BEARER, HMAC_HEADER: "0" * 64}, key=KEY).reason == "wrong signature"
    assert refusal(HMAC, {**AS_BEARER, **GOOD_SIGNATURE}).reason == "unknown API key"


EXPIRED = replace(KEY, expires_at=NOW)
REVOKED = replace(KEY, revoked_at=NOW - timedelta(days=1))


@pytest.mark.parametrize("settings", [NOTHING, ALL, ANONYMOUS])
@pytest.mark.parametrize(
    ("headers", "key", "reason"),
    [
        (AS_BEARER, None, "unknown API key"),
        (AS_BEARER, replace(KEY, digest=digest_of("another")), "unknown API key"),
        (AS_BEARER, EXPIRED, "this API key has expired"),
        (AS_BEARER, REVOKED, "this API key was revoked"),
        ({"Authorization": f'Bearer "{SECRET}"'}, KEY, "malformed API key"),
        ({"Authorization": f"Bearer {SECRET[:-1]}"}, KEY, "malformed API key"),
        ({"Authorization": f"Bearer {SECRET} {SECRET}"}, KEY, "malformed API key"),
        ({"Authorization": f"Bearer {SECRET}\udce9"}, KEY, "malformed API key"),
        (basic(f"x: {SECRET}".encode()), KEY, "malformed API key"),
        (basic(f"x:'{SECRET}'".encode()), KEY, "malformed API key"),
        ({**AS_BEARER, "AUTHORIZATION": "Bearer x"}, KEY, "sent 2 times"),
    ],
)
def test_a_key_that_is_wrong_keeps_it_shut(
    settings: ReceiverSettings, headers: dict[str, str], key: ApiKey | None, reason: str
) -> None:
    refused = refusal(settings, headers, key=key)
    assert reason in refused.reason
    assert SECRET not in str(refused)


@pytest.mark.parametrize("role", [KeyRole.READ, KeyRole.WRITE])
def test_a_key_for_something_else_says_what_it_is_for(role: KeyRole) -> None:
    with pytest.raises(OutOfScope, match=f"the role {role.value}, which does not allow ingest"):
        enter(NOTHING, AS_BEARER, key=replace(KEY, role=role))


@pytest.mark.parametrize(
    ("settings", "headers"),
    [
        (TOKEN, GOOD_BEARER),
        (ReceiverSettings(webhook_token=SECRET), AS_BEARER),
        (ReceiverSettings(webhook_basic=("x", SECRET)), basic(f"x:{SECRET}".encode())),
        (ALL, {"Authorization": f'Bearer "{SECRET}"'}),
        (ALL, {"Authorization": f"Digest {SECRET}"}),
        (ALL, {"Authorization": SECRET}),
        (ALL, {"X-Api-Key": SECRET}),
        (ALL, {**AS_BEARER, "AUTHORIZATION": "Bearer x"}),
        (ALL, basic(SECRET.encode())),
        (ALL, {"Authorization": "Basic !"}),
    ],
)
def test_what_is_no_key_or_is_configured_is_not_looked_up(settings: ReceiverSettings, headers: dict[str, str]) -> None:
    assert offered_key(headers, settings=settings) is None


def test_a_configured_token_that_looks_like_a_key_is_a_token() -> None:
    assert enter(ReceiverSettings(webhook_token=SECRET), AS_BEARER) == Credential(Way.BEARER, "grafana")
