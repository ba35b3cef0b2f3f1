"""Whether traces are wanted: by OpenTelemetry's own variables of the environment, and only where its SDK is there.

Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast

from base.tracing import Tracer
from bongsu.environment import Environment
from incidents.errors import InvalidInput

_EXPORTER = "OTEL_TRACES_EXPORTER"
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_SAMPLERS = (
    "always_on", "always_off", "traceidratio",
    "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio",
)  # fmt: skip
_MODULES = ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http.trace_exporter")


class Traces(Protocol):
    """``stop`` sends what is left, for a second or two at most."""

    @property
    def tracer(self) -> Tracer: ...

    def stop(self) -> None: ...


def build(environ: Mapping[str, str]) -> Traces | None:
    """None: nobody wants traces. Begins a thread that sends them.

    Raises InvalidInput: which variable, what is wrong with it, and what to write.
    """
    env = Environment(environ)
    asked_by = _asked_by(env)
    if asked_by is None:
        return None
    exporter = env.text(_EXPORTER, "otlp").lower()
    if exporter not in {"otlp", "console"}:
        raise InvalidInput(_EXPORTER, f"'{exporter}' is not known: write otlp, console or none")
    _check(env)
    if not is_installed():
        raise InvalidInput(
            asked_by,
            "it asks for traces, but OpenTelemetry is not installed: run `pip install 'bongsu[otel]'`, or leave it out "
            "(OTEL_SDK_DISABLED=true leaves out all of them)",
        )
    return cast("Traces", import_module("bongsu.otel").exporting(exporter))


def is_installed() -> bool:
    return all(_is_there(name) for name in _MODULES)


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # a package around it is missing
        return False


def _asked_by(env: Environment) -> str | None:
    """The variable that asks for traces; None: none does."""
    if env.text("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    exporter = env.optional(_EXPORTER)
    if exporter is not None:
        return None if exporter.lower() == "none" else _EXPORTER
    return next((name for name in _ENDPOINTS if env.has(name)), None)


def _check(env: Environment) -> None:
    """What the SDK would only warn of."""
    for name in _PROTOCOLS:
        if env.text(name, "http/protobuf") != "http/protobuf":
            raise InvalidInput(name, "traces are sent by http/protobuf alone: write that, and the port for it (4318)")
    for name in _ENDPOINTS:
        if env.has(name) and not env.text(name, "").startswith(("http://", "https://")):
            raise InvalidInput(name, "it is no http(s) URL: write one such as http://collector:4318")
    sampler = env.text("OTEL_TRACES_SAMPLER", "parentbased_always_on").lower()
    if sampler not in _SAMPLERS:
        raise InvalidInput("OTEL_TRACES_SAMPLER", f"'{sampler}' is not known: write one of {', '.join(_SAMPLERS)}")
    if "ratio" in sampler:
        _check_ratio(env.text("OTEL_TRACES_SAMPLER_ARG", "1"))


def _check_ratio(told: str) -> None:
    try:
        ratio = float(told)
    except ValueError:
        ratio = -1.0
    if not 0 <= ratio <= 1:
        raise InvalidInput("OTEL_TRACES_SAMPLER_ARG", f"'{told}' is no share: write a number from 0 to 1, such as 0.1")
