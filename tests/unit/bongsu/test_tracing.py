"""Traces are wanted where OpenTelemetry's own variables say so; what can't be meant stops the start in one line."""

from importlib.util import find_spec

import pytest

from bongsu import tracing
from bongsu.tracing import build
from incidents.errors import InvalidInput

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OTEL_SERVICE_NAME": "bongsu", "OTEL_TRACES_SAMPLER": "always_on"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {**ENDPOINT, "OTEL_TRACES_EXPORTER": "none"},
        {**ENDPOINT, "OTEL_SDK_DISABLED": "TRUE"},
        {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://127.0.0.1:4318"},
    ],
)
def test_nobody_wants_traces(environ: dict[str, str]) -> None:
    assert build(environ) is None


@pytest.mark.parametrize(
    "environ",
    [
        ENDPOINT,
        {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://collector.example.com/v1/traces"},
        {"OTEL_TRACES_EXPORTER": "console"},
        {**ENDPOINT, "OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.1"},
        {**ENDPOINT, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"},
    ],
)
def test_somebody_wants_traces(environ: dict[str, str]) -> None:
    traces = build(environ)
    assert traces is not None
    traces.stop()


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        (
            {"OTEL_TRACES_EXPORTER": "zipkin"},
            "OTEL_TRACES_EXPORTER: 'zipkin' is not known: write otlp, console or none",
        ),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"}, "OTEL_EXPORTER_OTLP_ENDPOINT: it is no http"),
        ({**ENDPOINT, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "OTEL_EXPORTER_OTLP_PROTOCOL: traces are sent by http"),
        ({**ENDPOINT, "OTEL_TRACES_SAMPLER": "some"}, "OTEL_TRACES_SAMPLER: 'some' is not known: write one of"),
        (
            {**ENDPOINT, "OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "10 %"},
            "OTEL_TRACES_SAMPLER_ARG: '10 %' is no share",
        ),
        (
            {**ENDPOINT, "OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "nan"},
            "OTEL_TRACES_SAMPLER_ARG: 'nan' is no share",
        ),
    ],
)
def test_what_can_not_be_meant_stops_the_start(environ: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidInput) as error:
        build(environ)
    assert str(error.value).startswith(said)
    assert "\n" not in str(error.value)


def test_where_it_is_asked_for_but_not_installed_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        if name.startswith("opentelemetry"):
            raise ModuleNotFoundError(name)
        return find_spec(name)

    monkeypatch.setattr(tracing, "find_spec", missing)
    assert build({}) is None
    with pytest.raises(InvalidInput, match=r"OTEL_EXPORTER_OTLP_ENDPOINT: .*`pip install 'bongsu\[otel\]'"):
        build(ENDPOINT)
