"""Whether traces are wanted: by OpenTelemetry's own variables of the environment, and only where its SDK is there.

Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast

from base.tracing import Tracer
from bongsu.environment import Environment
from bongsu.tracing_settings import DISABLED, ENDPOINTS, EXPORTER, Batching, check, is_disabled
from incidents.errors import InvalidInput

_MODULES = ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http.trace_exporter")
_REFUSALS = (ValueError, TypeError, RuntimeError, ImportError, AttributeError, LookupError, OSError, StopIteration)
"""What its SDK raises at what it does not like in the environment, as it is imported or built."""


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
    exporter = env.text(EXPORTER, "otlp").lower()
    if exporter not in {"otlp", "console"}:
        raise InvalidInput(EXPORTER, f"'{exporter}' is not known: write otlp, console or none")
    batching = check(env, exporter)
    if not is_installed():
        raise InvalidInput(
            asked_by,
            "it asks for traces, but OpenTelemetry is not installed: run `pip install 'bongsu[otel]'`, or leave it out "
            f"({DISABLED}=true leaves out all of them)",
        )
    return _built(exporter, batching, asked_by)


def _built(exporter: str, batching: Batching, asked_by: str) -> Traces:
    try:
        return cast("Traces", import_module("bongsu.otel").exporting(exporter, batching))
    except _REFUSALS as error:
        said = " ".join(str(error).split())
        raise InvalidInput(
            asked_by,
            f"it asks for traces, but OpenTelemetry can't begin ({error.__class__.__name__}{said and ': '}{said}): "
            f"correct its variable, or write {DISABLED}=true, which leaves out traces",
        ) from error


def is_installed() -> bool:
    return all(_is_there(name) for name in _MODULES)


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # a package around it is missing
        return False


def _asked_by(env: Environment) -> str | None:
    """The variable that asks for traces; None: none does."""
    exporter = env.optional(EXPORTER)
    if exporter is not None:
        asked_by = None if exporter.lower() == "none" else EXPORTER
    else:
        asked_by = next((name for name in ENDPOINTS if env.has(name)), None)
    return None if asked_by is None or is_disabled(env) else asked_by
