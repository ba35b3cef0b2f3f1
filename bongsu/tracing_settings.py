"""OpenTelemetry's variables, looked at before its SDK reads them: of a wrong one it gives a traceback, or nothing.

Of the variables of OTLP the one for traces goes first, then the one for all signals, as the SDK has it.
Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

import math
import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bongsu.environment import Environment
from incidents.errors import InvalidInput

EXPORTER = "OTEL_TRACES_EXPORTER"
DISABLED = "OTEL_SDK_DISABLED"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_SAMPLER, _SAMPLER_ARG = "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"
_RESOURCE = "OTEL_RESOURCE_ATTRIBUTES"
_QUEUE, _BATCH = "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"
_DELAY, _EXPORT_TIMEOUT = "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT"
_LIMITS = {
    "OTEL_ATTRIBUTE_COUNT_LIMIT": "attributes",
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "characters",
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "attributes",
    "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": "characters",
    "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT": "attributes",
    "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT": "attributes",
    "OTEL_SPAN_EVENT_COUNT_LIMIT": "events",
    "OTEL_SPAN_LINK_COUNT_LIMIT": "links",
}
_SAMPLERS = (
    "always_on", "always_off", "traceidratio",
    "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio",
)  # fmt: skip
_COMPRESSIONS = ("none", "gzip", "deflate")
_MOST_SPANS, _MOST_SECONDS = 1_000_000, 86_400
_USUAL_BATCH = 512
_NAME_OF_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


@dataclass(frozen=True, slots=True)
class Batching:
    """How many spans wait at most, how many go out at once, and milliseconds between two deliveries."""

    queue: int = 2048
    batch: int = _USUAL_BATCH
    delay: int = 5000


def check(env: Environment, exporter: str) -> Batching:
    """Raises InvalidInput: which variable, what is wrong with it, and what to write."""
    _check_sampler(env)
    _check_resource(env)
    for name, what in _LIMITS.items():
        env.number(name, 128, of=what)
    if exporter == "otlp":
        _check_endpoint(env)
        _check_sending(env)
        _check_headers(env)
        _check_certificates(env)
    return _batching(env)


def is_disabled(env: Environment) -> bool:
    told = env.text(DISABLED, "false").lower()
    if told not in {"true", "false"}:
        raise InvalidInput(DISABLED, f"'{told}' is neither: write true, which leaves out all traces, or false")
    return told == "true"


def _batching(env: Environment) -> Batching:
    """A small queue alone makes the batches smaller, too."""
    usual = Batching()
    queue = env.number(_QUEUE, usual.queue, of="spans", least=1, most=_MOST_SPANS)
    batch = env.number(_BATCH, min(usual.batch, queue), of="spans", least=1, most=_MOST_SPANS)
    if batch > queue:
        raise InvalidInput(_BATCH, f"{batch} spans are more than the {queue} of {_QUEUE}: write {queue} or less")
    delay = env.number(_DELAY, usual.delay, of="milliseconds", least=1, most=_MOST_SECONDS * 1000)
    env.number(_EXPORT_TIMEOUT, 30_000, of="milliseconds", most=_MOST_SECONDS * 1000)
    return Batching(queue, batch, delay)


def _counting(env: Environment, what: str) -> str:
    """Which of the two variables of OTLP counts."""
    own = f"OTEL_EXPORTER_OTLP_TRACES_{what}"
    return own if env.has(own) else f"OTEL_EXPORTER_OTLP_{what}"


def _check_endpoint(env: Environment) -> None:
    name = _counting(env, "ENDPOINT")
    told = env.optional(name)
    if told is None:
        return
    path = "/v1/traces" if name == ENDPOINTS[0] else ""
    wrong = _wrong_with(told)
    if wrong:
        # What may be a password or a token is not told.
        shown = "it" if set(told) & set("@?") else f"'{told}'"
        raise InvalidInput(name, f"{shown} {wrong}: write one such as http://collector:4318{path}")


def _wrong_with(url: str) -> str:
    """ "": nothing."""
    if not url.startswith(("http://", "https://")):
        return "is no http(s) URL"
    if not url.isprintable() or " " in url:
        return "is no http(s) URL: there is white space in it"
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:  # such as one bracket
        return "is no http(s) URL: its host can't be read"
    if not host:
        return "is no http(s) URL: it has no host"
    try:
        is_port = parts.port != 0
    except ValueError:
        is_port = False
    return "" if is_port else "is no http(s) URL: its port is no number from 1 to 65535"


def _check_sending(env: Environment) -> None:
    protocol = _counting(env, "PROTOCOL")
    if env.text(protocol, "http/protobuf") != "http/protobuf":
        raise InvalidInput(protocol, "traces are sent by http/protobuf alone: write that, and the port for it (4318)")
    name = _counting(env, "COMPRESSION")
    compression = env.text(name, "none").lower()
    if compression not in _COMPRESSIONS:
        raise InvalidInput(name, f"'{compression}' is not known: write one of {', '.join(_COMPRESSIONS)}")
    name = _counting(env, "TIMEOUT")
    timeout = env.text(name, "10")
    if not 0 < _number(timeout) <= _MOST_SECONDS:
        most = f"{_MOST_SECONDS} at most"
        raise InvalidInput(name, f"'{timeout}' is no number of seconds above 0: write one such as 10, {most}")


def _check_headers(env: Environment) -> None:
    """They are secrets: what stands in them is not told."""
    name = _counting(env, "HEADERS")
    for place, header in enumerate(env.text(name, "").split(","), 1):
        key, equals, value = (part.strip() for part in header.partition("="))
        if not header.strip():
            continue
        if not (equals and _NAME_OF_HEADER.fullmatch(unquote(key)) and _can_be_sent(value)):
            raise InvalidInput(
                name,
                f"entry {place} is not of the form name=value, as a header of HTTP takes it: write them such as "
                "authorization=Bearer%20abc,x-team=ops",
            )


def _can_be_sent(value: str) -> bool:
    """As it stands, of plain ASCII without what the SDK takes for no header; and as it is sent."""
    sent = unquote(value)
    is_plain = value.isascii() and value.isprintable() and not set(value) & set('";\\')
    return is_plain and sent.isprintable() and all(ord(letter) < 256 for letter in sent)


def _check_certificates(env: Environment) -> None:
    authority = _counting(env, "CERTIFICATE")
    told = env.optional(authority)
    if told is not None:
        _check_authority(authority, Path(told))
    certificate, key = _counting(env, "CLIENT_CERTIFICATE"), _counting(env, "CLIENT_KEY")
    own, own_key = env.optional(certificate), env.optional(key)
    if own is not None:
        _check_pair(certificate, own, own_key)
    elif own_key is not None:
        raise InvalidInput(key, f"it is the key of no certificate: write {certificate}, too, or leave it out")


def _check_authority(name: str, path: Path) -> None:
    try:
        if path.is_dir():
            next(path.iterdir(), None)
        else:
            ssl.create_default_context(cafile=path)
    except OSError as error:
        raise InvalidInput(
            name,
            f"'{path}' can't be used ({_words(error)}): write the path of a PEM file with the certificates that the "
            "collector's is signed by, such as /etc/ssl/collector-ca.pem",
        ) from error


def _check_pair(name: str, certificate: str, key: str | None) -> None:
    what = f"'{certificate}'" if key is None else f"'{certificate}' with its key '{key}'"
    try:
        # A key with a password can't be used; where none is given, OpenSSL would ask for one on the terminal.
        ssl.create_default_context().load_cert_chain(certificate, key, password="")
    except OSError as error:
        raise InvalidInput(
            name,
            f"{what} can't be used ({_words(error)}): write the path of a PEM file, such as /etc/ssl/bongsu.pem, that "
            "holds a certificate and its key, or set the key's file, too; it must have no password",
        ) from error


def _words(error: OSError) -> str:
    """An ``ssl.SSLError`` has its code of OpenSSL, such as ``NO_CERTIFICATE_OR_CRL_FOUND``."""
    if isinstance(error, ssl.SSLError):
        return error.reason or error.__class__.__name__
    return error.strerror or error.__class__.__name__


def _check_resource(env: Environment) -> None:
    for told in env.text(_RESOURCE, "").split(","):
        name, equals, _ = told.strip().partition("=")
        if told.strip() and not (name.strip() and equals):
            raise InvalidInput(
                _RESOURCE,
                f"'{told.strip()}' is not of the form name=value: write them such as "
                "deployment.environment.name=prod,service.namespace=ops",
            )


def _check_sampler(env: Environment) -> None:
    sampler = env.text(_SAMPLER, "parentbased_always_on").lower()
    if sampler not in _SAMPLERS:
        raise InvalidInput(_SAMPLER, f"'{sampler}' is not known: write one of {', '.join(_SAMPLERS)}")
    share = env.text(_SAMPLER_ARG, "1")
    if "ratio" in sampler and not 0 <= _number(share) <= 1:
        raise InvalidInput(_SAMPLER_ARG, f"'{share}' is no share: write a number from 0 to 1, such as 0.1")


def _number(told: str) -> float:
    """What is none is not a number, with which no comparison holds."""
    try:
        return float(told)
    except ValueError:
        return math.nan
